/** The disposable copy in which one trial takes place: the workspace in a folder of its own, and what `setup` makes. */
import { constants } from 'node:fs';
import { appendFile, cp, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentOf } from '../activities/environment.js';
import { type GroupResult, runInGroup } from '../activities/group.js';
import type { Plan } from '../strategy/plan.js';
import { refusalAfterSetup, type Target, variablesPrinted } from '../strategy/rehearsal/isolation.js';
import type { RehearsalSettings } from '../strategy/rehearsal/settings.js';
import { jobBindings } from '../strategy/run/job-bindings.js';
import type { Place } from './fingerprint.js';
import type { OpenCopies } from './leftovers.js';
import { NotRehearsed } from './not-rehearsed.js';

export interface Surroundings {
  readonly plan: Plan;
  readonly settings: RehearsalSettings;
  readonly targets: readonly Target[];
  /** The strategy's own folder. */
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly copies: OpenCopies;
}

export interface Copy extends Place {
  /** Runs `teardown`, and removes the folder. */
  remove(): Promise<void>;
}

const SETUP_MS = 10 * 60_000;
const GRACE_MS = 5_000;

/** `scratch`: where its folder is made. `log`: a file for what the commands print. @throws NotRehearsed */
export async function makeCopy(
  around: Surroundings,
  run: string,
  scratch: string,
  log: string,
): Promise<Copy> {
  const { plan, settings, targets } = around;
  const folder = join(scratch, run);
  const shared = join(scratch, 'shared');
  const workspace = join(folder, 'workspace');
  for (const needed of [folder, shared]) await mkdir(needed, { recursive: true });
  await cp(around.workspace, workspace, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
  });
  const connections = Object.keys(plan.bindings.connections);
  const bindings = jobBindings(plan.bindings, { connections, metrics: [], environment: true });
  const context = { run, execution: run, workspace, bindings, pins: {} };
  let env: Place['env'] = {
    ...around.env,
    SLUICE_REHEARSAL: folder,
    SLUICE_REHEARSAL_SHARED: shared,
    SLUICE_WORKSPACE: around.workspace,
  };
  const { teardown } = settings;
  around.copies.set(folder, { folder, workspace, env, teardown });
  const remove = async (): Promise<void> => {
    if (teardown !== null) {
      const { exitCode } = await runLogged(teardown, workspace, env, log);
      if (exitCode !== 0) await appendFile(log, `teardown exited with ${exitCode}\n`);
    }
    await rm(folder, { recursive: true, force: true });
    around.copies.delete(folder);
  };
  if (settings.setup === null) return { context, env, remove };
  try {
    const { output, exitCode } = await runLogged(settings.setup, workspace, env, log);
    const printed = variablesPrinted(output);
    env = { ...env, ...printed };
    around.copies.set(folder, { folder, workspace, env, teardown });
    if (exitCode !== 0) {
      throw new NotRehearsed(`rehearsal.setup exited with ${exitCode}. What it printed is in ${log}.`);
    }
    const refusal = refusalAfterSetup(targets, new Set(Object.keys(printed)));
    if (refusal !== null) throw new NotRehearsed(refusal);
    // Reports now what the bindings refer to and nobody provides.
    await environmentOf(context, env, null);
  } catch (error) {
    await remove();
    throw error instanceof NotRehearsed
      ? error
      : new NotRehearsed(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return { context, env, remove };
}

/** Into a file, not a pipe, which what a setup leaves running would hold open. It may hold credentials: for its owner only. */
async function runLogged(
  command: string,
  cwd: string,
  env: Place['env'],
  log: string,
): Promise<Pick<GroupResult, 'exitCode'> & { readonly output: string }> {
  const file = await open(log, 'a+', 0o600);
  try {
    await file.appendFile(`$ ${command}\n`);
    const from = (await file.stat()).size;
    const { exitCode } = await runInGroup('/bin/sh', ['-c', command], {
      ...{ cwd, output: file.fd, timeoutMs: SETUP_MS, graceMs: GRACE_MS },
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? ''])),
      // A copy that is half made is harder to remove than a whole one.
      signal: new AbortController().signal,
    });
    const whole = await readFile(log);
    return { exitCode, output: whole.subarray(from).toString('utf8') };
  } finally {
    await file.close();
  }
}
