/**
 * Changes one setting in a configuration file exactly once, or restores the file.
 *
 * Before the file is replaced, its bytes before and after are saved in the job folder with their hashes. An attempt that finds
 * them looks at the file: with the hash after, the change was made; with the hash before, it was not; with any other,
 * somebody edited the file at that moment, and only a person can tell.
 */
import { readFile } from 'node:fs/promises';
import { titleOf } from '../../../strategy/kinds/effects/index.js';
import { jobFolder } from '../../../strategy/layout.js';
import type { ConfigFileAction } from '../../../strategy/plan.js';
import { interruption, withHeartbeat, workerLeft } from '../../attempt.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import type { Dependencies } from '../../dependencies.js';
import { point } from '../../fault-points.js';
import { formsOf, redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { resolveReferences, secretForms, UnresolvedReference } from '../../secrets.js';
import { createJob } from '../command/job.js';
import { type Change, edit, Mismatch } from './edit.js';
import { digest, type FileState, readState, replace } from './replace.js';
import { appliedFolders, readDone, readIntent, saveDone, saveIntent } from './saved.js';

type Job = EffectJob<ConfigFileAction>;
type Ending =
  | { readonly outcome: 'done'; readonly output: string }
  | { readonly outcome: 'failed' | 'unknown'; readonly cause: string };

/** Returns the outcome of `job.action`; throws only when the next attempt must do it. */
export async function runConfigFile(dependencies: Dependencies, job: Job): Promise<EffectOutcome> {
  return withHeartbeat(async () => {
    const began = Date.now();
    const ending = await attend(dependencies, job);
    point('before-return');
    const durationMs = Date.now() - began;
    if (ending.outcome === 'done')
      return { outcome: 'done', exitCode: null, durationMs, output: ending.output };
    if (ending.outcome === 'unknown')
      return { outcome: 'unknown', cause: ending.cause, durationMs, output: '' };
    return { outcome: 'failed', cause: ending.cause, exitCode: null, durationMs, output: '' };
  });
}

async function attend(dependencies: Dependencies, job: Job): Promise<Ending> {
  const { context, key, action } = job;
  const folder = jobFolder(dependencies.home, context.run, context.execution, key);
  const interrupted = interruption();
  if (interrupted === 'leave') throw workerLeft();
  const done = await readDone(folder);
  if (done !== null) return { outcome: 'done', output: done };
  if (interrupted === 'stop') return { outcome: 'failed', cause: 'stopped before it started.' };
  try {
    point('before-job-folder');
    createJob(folder, { run: context.run, ...key, what: titleOf(action), workspace: context.workspace });
    point('after-job-folder');
    const { change } = action;
    const ending =
      change.do === 'restore'
        ? await restore(dependencies, job, folder)
        : await apply(dependencies, job, folder, change);
    if (ending.outcome === 'done') await saveDone(folder, ending.output);
    return ending;
  } catch (error) {
    if (error instanceof Refusal || error instanceof UnresolvedReference)
      return { outcome: 'failed', cause: error.message };
    throw error;
  }
}

async function apply(
  dependencies: Dependencies,
  job: Job,
  folder: string,
  change: Exclude<ConfigFileAction['change'], { do: 'restore' }>,
): Promise<Ending> {
  const { action, context } = job;
  const file = await readState(context.workspace, action.file, dependencies.env);
  const done: Ending = { outcome: 'done', output: titleOf(action) };
  const intent = await readIntent(folder);
  if (intent !== null) {
    if (file.sha256 === intent.after) return done;
    if (file.sha256 !== intent.before) return editedMeanwhile(action, folder);
    return put(file, await readFile(`${folder}/after`), folder, action);
  }
  const resolved = await resolve(dependencies, job, change);
  const after = Buffer.from(changedText(action, file, resolved));
  // Without an intent: the undo must find the one of an earlier attempt that did change the file.
  if (after.equals(file.bytes)) {
    return { outcome: 'done', output: `${titleOf(action)}: it was so already, and nothing was changed.` };
  }
  point('before-journal-row');
  await saveIntent(
    folder,
    { item: action.item, before: file.sha256, after: digest(after) },
    file.bytes,
    after,
  );
  point('after-journal-row');
  return put(file, after, folder, action);
}

async function put(
  file: FileState,
  after: Buffer,
  folder: string,
  action: ConfigFileAction,
): Promise<Ending> {
  const replaced = await replace(file, after, markOf(folder));
  const now = await readState('/', file.path);
  if (now.sha256 === digest(after)) return { outcome: 'done', output: titleOf(action) };
  return replaced || now.sha256 !== file.sha256
    ? editedMeanwhile(action, folder)
    : Promise.reject(workerLeft());
}

/** The same for all attempts at one effect. */
function markOf(folder: string): string {
  return digest(Buffer.from(folder)).slice(0, 12);
}

function editedMeanwhile({ file, path }: ConfigFileAction, folder: string): Ending {
  return {
    outcome: 'unknown',
    cause: `Somebody edited ${file} while ${path.join('.')} was being changed. The file before and after the change is in ${folder}. Look at the setting, then answer whether the change happened.`,
  };
}

interface Resolved {
  readonly change: Change;
  /** The values are not shown when the strategy refers to a secret. */
  readonly secret: boolean;
  readonly forms: readonly string[];
}

async function resolve(
  dependencies: Dependencies,
  { context }: Job,
  change: Exclude<ConfigFileAction['change'], { do: 'restore' }>,
): Promise<Resolved> {
  const source = { env: dependencies.env, workspace: context.workspace };
  const read = (text: string): Promise<string> => resolveReferences(text, source);
  const expected = change.expected === null ? null : await read(change.expected);
  const resolved: Change =
    change.do === 'set' ? { ...change, value: await read(change.value), expected } : { ...change, expected };
  const texts = [change.expected, change.do === 'set' ? change.value : null];
  const secret = texts.some((text) => text?.includes('${') === true);
  const values = secret ? [resolved.do === 'set' ? resolved.value : '', expected ?? ''] : [];
  const forms = [...(await secretForms(context, dependencies.env)), ...values.flatMap(formsOf)];
  return { change: resolved, secret, forms };
}

/** Names of settings whose values are not for messages. */
const SECRET_NAME = /pass|secret|token|credential|private|api_?key/i;

/** @throws Refusal that says what is in the file, and that nothing was changed */
function changedText(action: ConfigFileAction, { bytes }: FileState, resolved: Resolved): string {
  const { file, format, path, item } = action;
  const setting = path.join('.');
  try {
    return edit(bytes.toString('utf8'), format, path, resolved.change);
  } catch (error) {
    if (error instanceof Mismatch) {
      const hidden = resolved.secret || SECRET_NAME.test(setting);
      const show = (value: unknown): string =>
        hidden ? 'another value (not shown)' : (JSON.stringify(value) ?? 'nothing');
      const found = error.found === undefined ? 'is not set' : `is ${show(error.found)}`;
      const expected = error.expected === null ? 'no value' : hidden ? 'its current_value' : error.expected;
      const cause = `In ${file}, ${setting} ${found}; ${item} expects ${expected}. Nothing was changed. Correct the file, or the item's current_value, and retry.`;
      throw new Refusal(redact(resolved.forms, cause));
    }
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(
      redact(
        resolved.forms,
        `${file}: ${setting} cannot be changed: ${error.message}. Nothing was changed. Correct the file, or change it by hand and answer so.`,
      ),
    );
  }
}

/** Puts back the bytes that the step saved; nothing when the step changed nothing. */
async function restore(dependencies: Dependencies, job: Job, folder: string): Promise<Ending> {
  const { action, context, key } = job;
  const nothing: Ending = { outcome: 'done', output: `${action.file}: there was nothing to restore.` };
  const folders = await appliedFolders(dependencies.home, context.run, key, context.execution);
  for (const applied of folders) {
    const intent = await readIntent(applied);
    if (intent?.item !== action.item) continue;
    const file = await readState(context.workspace, action.file, dependencies.env);
    if (file.sha256 === intent.before) return nothing;
    const before = await readFile(`${applied}/before`);
    if (file.sha256 === intent.after && (await replace(file, before, markOf(folder)))) {
      return { outcome: 'done', output: titleOf(action) };
    }
    const now = await readState(context.workspace, action.file, dependencies.env);
    if (now.sha256 === intent.before) return { outcome: 'done', output: titleOf(action) };
    return {
      outcome: 'failed',
      cause: `Somebody edited ${action.file} after ${action.item} changed it, so it was not restored. The file as it was is ${applied}/before, and as the step left it ${applied}/after. Take the later edits out and retry, or change the file by hand and answer done.`,
    };
  }
  return nothing;
}
