/**
 * The public API of sluice: check a strategy, submit it, decide, and watch.
 *
 * ```ts
 * const checked = await readStrategy("migration-strategy.yaml");
 * if (checked.plan === null) throw new Error(checked.problems.map(formatProblem).join("\n"));
 * const sluice = await connect();
 * const { run } = await sluice.submit(checked.plan, { workspace: checked.workspace, by: "alice" });
 * for await (const event of sluice.follow(run)) console.log(event);
 * await sluice.close();
 * ```
 */

export * from '../strategy/index.js';
export type { Plan } from '../strategy/plan.js';
export type { Report } from '../strategy/report/report.js';
export type { AmendOptions } from './amend.js';
export { type ConnectOptions, connect } from './connect.js';
export { type EngineChoice, type EngineConnection, type Environment, resolveEngine } from './engine.js';
export { type ErrorCode, SluiceError } from './error.js';
export type { FollowOptions } from './follow.js';
export type { Inbox, InboxEntry, OpenDecision } from './inbox.js';
export { findKey, type KeySummary, type SigningKey } from './keys.js';
export type { ListOptions, RunSummary } from './list.js';
export { type JobLog, jobLogs, readLog } from './logs.js';
export { storePlan } from './plan-store.js';
export { type Checked, type ReadOptions, readStrategy } from './read.js';
export { type RecordedHead, type RecordedRun, recordedRun, recordHead } from './record.js';
export { recordedReport } from './report.js';
export { isPassing } from './session.js';
export type { KeyFinder, SignOptions } from './sign.js';
export type { Sluice } from './sluice.js';
export type { SubmitOptions, Submitted } from './submit.js';
export type { UpdateOptions } from './update.js';
export { type Verification, type VerifyOptions, verifyRecord } from './verify.js';
export type { ViewOptions } from './view.js';
export type { WatchOptions } from './watch.js';
