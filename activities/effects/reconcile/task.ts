/** What a reconciliation of a step does, in its order: a decision is carried out, both sides compared, corrected, and compared again. */
import { differencesFile } from '../../../strategy/layout.js';
import type { ReconcileAction, ReconcileTask } from '../../../strategy/plan.js';
import { judge } from '../../../strategy/reconcile/result.js';
import type { Comparison, RowsToSettle } from '../../../strategy/reconcile/settle.js';
import { asksByHand, asksReview } from '../../../strategy/reconcile/settle-wording.js';
import type { EffectJob } from '../../contract.js';
import { findAnomalies } from '../../reconcile/column-stats.js';
import { type Applied, applySource, correct } from '../../reconcile/correct.js';
import { confirmBatch, stateBatch } from '../../reconcile/custom.js';
import { type Difference, isCorrectable, writeDifferences } from '../../reconcile/differences.js';
import { countComparison, countCorrections } from '../../reconcile/metrics.js';
import type { Pair } from '../../reconcile/moment.js';
import { type Reconciled, reconcile } from '../../reconcile/reconcile.js';
import { restore } from '../../reconcile/restore.js';
import { batchRows, chosenOf, keepBatch, noteApplied, openBatch } from '../../reconcile/reviews.js';
import type { Origin } from '../../reconcile/store.js';
import { Refusal } from '../../refusal.js';

export type TaskEnding =
  | {
      readonly outcome: 'done';
      readonly output: string;
      readonly comparison?: Comparison;
      readonly asks?: RowsToSettle;
    }
  | { readonly outcome: 'failed'; readonly cause: string; readonly output: string };

export interface TaskSettings {
  readonly home: string;
  readonly limitMs: number;
  readonly seed: number;
  readonly progress: (table: string, rows: number) => void;
}

type Job = EffectJob<ReconcileAction>;

/** What has been changed so far, and what is said of it. */
interface Done {
  inserted: number;
  updated: number;
  deleted: number;
  readonly lines: string[];
  /** What the database refused, or what had changed meanwhile. */
  readonly notes: string[];
}

/** Rows whose hashes are kept with their differences, and so the most that a person is asked about. */
const MOST_REVIEWED = 10_000;

/** Null when it was interrupted. Throws what the databases answer, and `Refusal`. */
export async function carryOutTask(pair: Pair, job: Job, settings: TaskSettings): Promise<TaskEnding | null> {
  const { reconciliation, task } = job.action;
  const done: Done = { inserted: 0, updated: 0, deleted: 0, lines: [], notes: [] };
  if (task.do === 'undo') return undo(pair, job);
  if (task.do === 'resolve') {
    const asks = await resolve(pair, job, task, settings, done);
    if (asks !== null) return { outcome: 'done', output: text(done.lines), asks };
  }
  if (task.do === 'confirm') {
    const open = await confirmBatch(reconciliation, task.batch, pair, settings.limitMs);
    if (open.length > 0) {
      return {
        outcome: 'done',
        output: '',
        asks: asksByHand(reconciliation.item, task.batch, open, 'again'),
      };
    }
  }
  return compareAndCorrect(pair, job, settings, done);
}

async function undo({ target }: Pair, job: Job): Promise<TaskEnding | null> {
  const restored = await restore(job.action.reconciliation, target, originOf(job));
  if (restored === null) return null;
  const { left } = restored;
  const output = `${restored.restored} corrected rows restored\n`;
  if (left.length === 0) return { outcome: 'done', output };
  const cause = `${left.length} corrected rows are left as they are: ${left.slice(0, 5).join('; ')}${left.length > 5 ? '; ...' : ''}. What they were is in sluice.correction. Restore what you need by hand and answer "done", or retry.`;
  return { outcome: 'failed', cause, output };
}

/** What has still to be asked before the sides are compared again; null when nothing has. */
async function resolve(
  pair: Pair,
  job: Job,
  task: Extract<ReconcileTask, { readonly do: 'resolve' }>,
  { limitMs }: TaskSettings,
  done: Done,
): Promise<RowsToSettle | null> {
  const { reconciliation } = job.action;
  const { batch, by } = task;
  switch (task.option) {
    case 'keep-target': {
      const kept = await keepBatch(pair.target, batch, task);
      done.lines.push(`${kept} rows kept as they are, decided by ${by}`);
      return null;
    }
    case 'apply-source': {
      const rows = await batchRows(pair.target, batch, 'pending');
      const settings = { by, limitMs, origin: originOf(job) };
      const applied = await applySource(reconciliation, chosenOf(rows), pair, settings);
      await noteApplied(pair.target, batch, task, applied.unchanged);
      tally(done, applied, `decided by ${by}`);
      return null;
    }
    case 'custom':
      try {
        await stateBatch(reconciliation, batch, task, pair, limitMs);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        done.notes.push(error.message);
        return null;
      }
      return asksByHand(
        reconciliation.item,
        batch,
        await batchRows(pair.target, batch, 'custom-pending'),
        'first',
      );
    default:
      return task.option satisfies never;
  }
}

async function compareAndCorrect(
  pair: Pair,
  job: Job,
  settings: TaskSettings,
  done: Done,
): Promise<TaskEnding | null> {
  const { reconciliation, correct: what, max } = job.action;
  const compare = async (): Promise<Reconciled | null> => {
    const began = Date.now();
    const compared = await reconcile(reconciliation, pair, { ...settings, scope: job.context });
    if (compared !== null)
      countComparison(reconciliation.item, 'correction', compared.findings, Date.now() - began);
    return compared;
  };
  let found = await compare();
  if (found === null) return null;
  if (what === 'missing' || what === 'fields') {
    const wanted = found.differences.filter((difference) => isCorrectable(difference, what)).length;
    if (wanted > max) done.notes.push(`${wanted} rows could be corrected, and the limit is ${max}: none was`);
    else if (wanted > 0) {
      const own = { correct: what, by: 'sluice', limitMs: settings.limitMs, origin: originOf(job) };
      const applied = await correct(reconciliation, found.differences, pair, own);
      countCorrections(applied);
      tally(done, applied, `x-reconcile.correct: ${what}`);
      // Proves what the corrections have come to.
      found = await compare();
      if (found === null) return null;
    }
  }
  if (what === 'dry-run') {
    const count = (kind: Difference['kind']): number =>
      found?.differences.filter((difference) => difference.kind === kind).length ?? 0;
    done.lines.push(
      `dry run: "missing" would insert ${count('missing')} rows, "fields" would also overwrite ${count('different') + count('temporal')}`,
    );
  }
  return settle(pair, job, settings, done, found);
}

/** Asks about what is left. What nobody can correct row by row is left to the checks of the step. */
async function settle(
  pair: Pair,
  job: Job,
  { home, limitMs }: TaskSettings,
  done: Done,
  { findings, differences }: Reconciled,
): Promise<TaskEnding> {
  const { reconciliation } = job.action;
  const { item } = reconciliation;
  const judged = judge(reconciliation, findings);
  const { inserted, updated, deleted } = done;
  const comparison: Comparison = {
    ...{
      item,
      verdict: judged.verdict,
      orphans: findings.orphans,
      inserted,
      updated,
      deleted,
      durationMs: 0,
    },
    tables: findings.tables.map(({ target, compared, equal, missing, extra, different, temporal }) => {
      return { target, compared, equal, missing, extra, different, ...(temporal > 0 && { temporal }) };
    }),
  };
  const output = text([...done.lines, ...done.notes, ...judged.lines]);
  const rows = judged.verdict === 'pass' ? [] : differences.filter(isReviewable);
  if (rows.length === 0) return { outcome: 'done', output, comparison };
  const file = differencesFile(home, job.context.run, item, new Date().toISOString());
  await writeDifferences(file, differences);
  if (rows.length > MOST_REVIEWED) {
    const cause = `${rows.length} rows of ${item} differ, and people are asked about ${MOST_REVIEWED} at most: ${judged.lines.join('; ')}. Their keys are in ${file}. Find out why, roll the step back or correct the rows, and retry.`;
    return { outcome: 'failed', cause, output };
  }
  // Extra rows are a question of their own: applying the source deletes them.
  const extra = rows.filter(({ kind }) => kind === 'extra');
  const chosen = extra.length === rows.length ? extra : rows.filter(({ kind }) => kind !== 'extra');
  const batch = await openBatch(reconciliation, chosen, pair, originOf(job), limitMs);
  const anomalies = await findAnomalies(reconciliation, pair, limitMs);
  const { notes } = done;
  const asks = asksReview({ item, batch, file, rows: chosen, lines: judged.lines, notes, anomalies });
  return { outcome: 'done', output, comparison, asks };
}

function isReviewable({ kind }: Difference): boolean {
  return kind === 'missing' || kind === 'different' || kind === 'temporal' || kind === 'extra';
}

function tally(done: Done, { inserted, updated, deleted, unchanged }: Applied, why: string): void {
  done.inserted += inserted;
  done.updated += updated;
  done.deleted += deleted;
  done.lines.push(`${inserted} rows inserted, ${updated} overwritten, ${deleted} deleted (${why})`);
  for (const { difference, why: reason } of unchanged) {
    done.notes.push(`${difference.table} ${difference.key} was left as it is: ${reason}`);
  }
}

function originOf({ context: { run, execution }, key }: Job): Origin {
  return { run, execution, step: key.subject };
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
