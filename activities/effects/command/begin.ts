/** How a command is begun: its job folder is made, and its supervisor is told what to run. */
import { titleOf } from '../../../strategy/kinds/effects/index.js';
import type { CommandAction } from '../../../strategy/plan.js';
import { interruption } from '../../attempt.js';
import type { EffectJob } from '../../contract.js';
import type { Dependencies } from '../../dependencies.js';
import { environmentOf } from '../../environment.js';
import { point } from '../../fault-points.js';
import { programOf } from '../../program.js';
import { redact } from '../../redact.js';
import { codeOf, Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { createJob, type SupervisorRequest, voidJob } from './job.js';
import { handOver } from './supervisor-client.js';

/** How often the job is handed over anew when the supervisor dies before it claims it. */
const HANDOVERS = 5;

export type Begun =
  /** Somebody may have the job now. `ended`: resolves when it is over; null when nobody says so. */
  | { readonly ended: Promise<void> | null }
  /** Why nothing can be run. */
  | { readonly refused: string };

/** Hands the job to the supervisor, with everything that the command needs. */
export async function begin(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  claim: number,
  handovers: number,
): Promise<Begun> {
  if (interruption() === 'stop') return { refused: 'stopped before it started.' };
  if (handovers >= HANDOVERS) {
    return {
      refused: `Nothing was run: the supervisor was killed ${HANDOVERS} times before it could start.`,
    };
  }
  const request = await requestOf(dependencies, job, folder, claim);
  if ('refused' in request) return request;
  try {
    point('before-job-folder');
    const { context, action, key, timeoutMs } = job;
    const what = titleOf(action);
    createJob(folder, { run: context.run, ...key, what, workspace: context.workspace, timeoutMs });
    point('after-job-folder');
  } catch (error) {
    return { refused: cannotWrite(folder, error) };
  }
  const handover = await handOver(dependencies.home, request);
  switch (handover.state) {
    case 'claimed':
      return { ended: handover.ended };
    case 'dropped':
      return { ended: null };
    case 'refused':
      return { refused: redact(request.redact, cannotWrite(folder, new Error(handover.why))) };
    default:
      return handover satisfies never;
  }
}

async function requestOf(
  dependencies: Dependencies,
  job: EffectJob<CommandAction>,
  folder: string,
  claim: number,
): Promise<SupervisorRequest | { readonly refused: string }> {
  const { context, action } = job;
  try {
    return {
      folder,
      claim,
      argv: await programOf(action, context.workspace),
      cwd: context.workspace,
      env: await environmentOf(context, dependencies.env, job),
      redact: await secretForms(context, dependencies.env),
    };
  } catch (error) {
    if (error instanceof Refusal || error instanceof UnresolvedReference) return { refused: error.message };
    throw error;
  }
}

function cannotWrite(folder: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  const advice = /ENOSPC|EDQUOT/.test(why)
    ? 'The disk is full: free some space'
    : /EACCES|EPERM|EROFS/.test(why)
      ? 'Let the user of the worker write there'
      : 'Correct that';
  return `Nothing was run: the job folder ${folder} cannot be written (${why}). ${advice}, and retry.`;
}

/** True when it is certain that nobody will run the job. */
export async function declareVoid(folder: string, claim: number, cause: string): Promise<boolean> {
  try {
    return await voidJob(folder, claim, cause);
  } catch (error) {
    // No folder can be made: nobody else can make one either, and the cause at hand tells more than this error.
    if (['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(codeOf(error))) return true;
    throw error;
  }
}
