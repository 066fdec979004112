/**
 * Changes one setting that is not in a file exactly once, or restores it.
 *
 * Before the setting is written, its previous value and the new one are saved in the job folder. An attempt that finds them reads
 * the setting: with the new value, the change was made; with the previous one, it was not; with any other, somebody
 * set it at that moment, and only a person can tell.
 */
import pg from 'pg';
import { titleOf } from '../../../strategy/kinds/effects/index.js';
import { jobFolder } from '../../../strategy/layout.js';
import type { SettingAction } from '../../../strategy/plan.js';
import { interruption, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { type Dependencies, limitsOf } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { resolveReferences, secretForms, UnresolvedReference } from '../../secrets.js';
import { serverMessage } from '../../sql/failure.js';
import { OtherDatabase } from '../../sql/identity.js';
import { backOff, ConnectionLost } from '../../sql/session.js';
import { durationText } from '../../wording.js';
import { createJob } from '../command/job.js';
import { appliedFolders, readDone, saveDone } from '../config-file/saved.js';
import { openStore } from './open.js';
import { readPrevious, savePrevious } from './previous.js';
import { type SettingStore, Unreachable } from './store.js';

type Job = EffectJob<SettingAction>;
type Ending =
  | { readonly outcome: 'done'; readonly output: string }
  | { readonly outcome: 'failed' | 'unknown'; readonly cause: string };

/** Returns the outcome of `job.action`; throws only when the next attempt must do it. */
export async function runSetting(dependencies: Dependencies, job: Job): Promise<EffectOutcome> {
  return withHeartbeat(async () => {
    const began = Date.now();
    const forms = await secretForms(job.context, dependencies.env);
    const ending = await attend(dependencies, job, forms);
    point('before-return');
    const durationMs = Date.now() - began;
    switch (ending.outcome) {
      case 'done':
        return { outcome: 'done', exitCode: null, durationMs, output: ending.output };
      case 'unknown':
        return { outcome: 'unknown', cause: redact(forms, ending.cause), durationMs, output: '' };
      case 'failed': {
        const cause = redact(forms, ending.cause);
        return { outcome: 'failed', cause, exitCode: null, durationMs, output: '' };
      }
      default:
        return ending satisfies never;
    }
  });
}

async function attend(dependencies: Dependencies, job: Job, forms: readonly string[]): Promise<Ending> {
  const { context, key, action } = job;
  const folder = jobFolder(dependencies.home, context.run, context.execution, key);
  if (interruption() === 'leave') throw workerLeft();
  const done = await readDone(folder);
  if (done !== null) return { outcome: 'done', output: done };
  point('before-job-folder');
  createJob(folder, { run: context.run, ...key, what: titleOf(action), workspace: context.workspace });
  point('after-job-folder');
  const ending = await persist(dependencies, job, folder, forms);
  if (ending.outcome === 'done') await saveDone(folder, ending.output);
  return ending;
}

/** Tries again while nobody answers: every try begins by reading what is there. */
async function persist(
  dependencies: Dependencies,
  job: Job,
  folder: string,
  forms: readonly string[],
): Promise<Ending> {
  const { unreachableMs } = limitsOf(dependencies);
  const since = Date.now();
  for (let tries = 0; ; tries += 1) {
    const interrupted = interruption();
    if (interrupted === 'leave') throw workerLeft();
    if (interrupted === 'stop') return withoutAnswer(folder, 'It was stopped.');
    try {
      return await once(dependencies, job, folder, forms);
    } catch (error) {
      if (isFinal(error)) return { outcome: 'failed', cause: causeOf(error) };
      if (!(error instanceof Unreachable || error instanceof ConnectionLost)) throw error;
      if (Date.now() - since >= unreachableMs) {
        const cause = `${job.action.item} could not be changed: ${error.message}, for ${durationText(unreachableMs)}.`;
        return withoutAnswer(folder, cause);
      }
      await backOff(tries);
    }
  }
}

/** A change whose intent was not saved was not tried. */
async function withoutAnswer(folder: string, cause: string): Promise<Ending> {
  if ((await readPrevious(folder)) === null) {
    return {
      outcome: 'failed',
      cause: `${cause} Nothing was changed. Start it again or correct the bindings, and retry.`,
    };
  }
  return {
    outcome: 'unknown',
    cause: `${cause} Look at the setting, then answer whether the change happened.`,
  };
}

type Final = Refusal | UnresolvedReference | OtherDatabase | pg.DatabaseError;

function isFinal(error: unknown): error is Final {
  return [Refusal, UnresolvedReference, OtherDatabase, pg.DatabaseError].some(
    (kind) => error instanceof kind,
  );
}

function causeOf(error: Final): string {
  if (!(error instanceof pg.DatabaseError)) return error.message;
  return `The database refused to change the setting: ${serverMessage(error)}. Grant the user of the connection what it needs, or correct the item, and retry.`;
}

async function once(
  dependencies: Dependencies,
  job: Job,
  folder: string,
  forms: readonly string[],
): Promise<Ending> {
  const store = await openStore(job.action.target, { run: job.context, dependencies, forms });
  try {
    const { change } = job.action;
    return change.do === 'restore'
      ? await restore(dependencies, job, store)
      : await apply(dependencies, job, folder, store, change);
  } finally {
    await store.close();
  }
}

type Applied = Exclude<SettingAction['change'], { do: 'restore' }>;

async function apply(
  dependencies: Dependencies,
  job: Job,
  folder: string,
  store: SettingStore,
  change: Applied,
): Promise<Ending> {
  const { action } = job;
  const title = titleOf(action);
  const source = { env: dependencies.env, workspace: job.context.workspace };
  const wanted = change.do === 'set' ? await resolveReferences(change.value, source) : null;
  const expected = change.expected === null ? null : await resolveReferences(change.expected, source);
  const reading = await store.read();
  const intent = await readPrevious(folder);
  if (intent === null) {
    if (sameValue(store, reading.set, wanted)) {
      return { outcome: 'done', output: `${title}: it was so already, and nothing was changed.` };
    }
    const found = expected === null ? reading.set : reading.inForce;
    if (!sameValue(store, found, expected)) return mismatch(action, change, found, expected);
    point('before-journal-row');
    await savePrevious(folder, { item: action.item, previous: reading.set, wanted });
    point('after-journal-row');
  } else if (sameValue(store, reading.set, wanted)) {
    return { outcome: 'done', output: title };
  } else if (!sameValue(store, reading.set, intent.previous)) {
    const cause = `Somebody else set ${action.item} while it was being changed: it is ${shown(change, reading.set)} now. Look at it, then answer whether the change happened.`;
    return { outcome: 'unknown', cause };
  }
  return put(store, wanted, title, action, change);
}

async function put(
  store: SettingStore,
  value: string | null,
  title: string,
  action: SettingAction,
  change: SettingAction['change'],
): Promise<Ending> {
  point('before-commit');
  await store.write(value);
  point('after-commit');
  const { set } = await store.read();
  if (sameValue(store, set, value)) return { outcome: 'done', output: title };
  const cause = `${action.item} was changed, and reads back as ${shown(change, set)}. Somebody else may have set it, or it takes another value than it was given. Correct it, and retry.`;
  return { outcome: 'failed', cause };
}

/** Puts back the value that the step found; nothing when the step changed nothing. */
async function restore(dependencies: Dependencies, job: Job, store: SettingStore): Promise<Ending> {
  const { action, context, key } = job;
  const nothing: Ending = { outcome: 'done', output: `${action.item}: there was nothing to restore.` };
  const folders = await appliedFolders(dependencies.home, context.run, key, context.execution);
  for (const applied of folders) {
    const intent = await readPrevious(applied);
    if (intent?.item !== action.item) continue;
    const { set } = await store.read();
    if (sameValue(store, set, intent.previous)) return nothing;
    if (sameValue(store, set, intent.wanted)) {
      return put(store, intent.previous, titleOf(action), action, action.change);
    }
    const cause = `Somebody changed ${action.item} after the step, so it was not restored. Its previous value is in ${applied}/intent.json. Set it to what the step left and retry, or change it by hand and answer done.`;
    return { outcome: 'failed', cause };
  }
  return nothing;
}

function mismatch(
  { item }: SettingAction,
  change: Applied,
  found: string | null,
  expected: string | null,
): Ending {
  const wants = expected === null ? 'no value' : shown(change, expected);
  const cause = `${item} is ${shown(change, found)}; the item expects ${wants}. Nothing was changed. Correct the setting, or the item's current_value, and retry.`;
  return { outcome: 'failed', cause };
}

/** A value for people; not when the strategy refers to a secret there, and the way back does not know that. */
function shown(change: SettingAction['change'], value: string | null): string {
  if (value === null) return 'not set';
  if (change.do === 'restore') return 'another value';
  const texts = [change.expected, change.do === 'set' ? change.value : null];
  return texts.some((text) => text?.includes('${') === true) ? 'another value (not shown)' : `"${value}"`;
}

function sameValue(store: SettingStore, one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other;
  return store.same(one, other);
}
