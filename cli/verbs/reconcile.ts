import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Checked } from '../../client/read.js';
import type { ReconcileReport } from '../../databases/reconcile.js';
import { homeFolder, ownDifferencesFile } from '../../strategy/layout.js';
import type { ReconcileMethod, Reconciliation } from '../../strategy/plan.js';
import { countText } from '../../strategy/reconcile/wording.js';
import { METHODS, parseMethod } from '../../strategy/sentence/reconciliation.js';
import { CliError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withInterrupt } from '../interrupt.js';
import { planOf, readFiles } from '../strategy-file.js';
import { actor } from '../terminal.js';

/** Differences that --json carries; the file has all of them. */
const MOST_SHOWN = 1_000;
/** Rows that are corrected without being asked for more. */
const MOST_CORRECTED = 1_000;

export function reconcile(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file>', 'the migration-strategy.yaml')
    .argument('<item>', 'the data migration whose sides are compared')
    .addOption(flags.bindings())
    .option(
      '--method <method>',
      'compare in another way than the strategy says, such as "count" or "changed by updated_at"',
      method,
    )
    .option('--seed <n>', 'draw the sample that this number draws (default: another one each time)', seed)
    .addOption(
      new Option(
        '--correct <what>',
        'correct the target: insert missing rows, or also overwrite fields that differ; "dry-run" only says what would be done',
      ).choices(['dry-run', 'missing', 'fields'] as const),
    )
    .option('--max <n>', 'correct nothing when more rows than this differ', most, MOST_CORRECTED)
    .addOption(flags.as())
    .option('--out <file>', 'where the keys of rows that differ go (default: a file in SLUICE_HOME)')
    .addOption(flags.json())
    .action(async (file, item, options) => {
      const checked = await readFiles(file, { ...options, unbound: 'person' });
      const plan = planOf(file, checked, terminal);
      const own = find(checked, item);
      const reconciliation = { ...own, method: options.method ?? wholly(own.method) };
      const home = homeFolder(terminal.env);
      const out = options.out ?? ownDifferencesFile(home, item, new Date().toISOString());
      const { DatabaseTrouble } = await import('../../databases/place.js');
      const { reconcileItem } = await import('../../databases/reconcile.js');
      const place = { plan, workspace: checked.workspace, env: terminal.env };
      const report = await withInterrupt(
        () => terminal.note('Stopping. Rows that are corrected already stay so.'),
        async ({ signal }) => {
          try {
            return await reconcileItem(place, reconciliation, {
              seed: options.seed ?? randomInt(2 ** 31),
              file: resolve(out),
              correct:
                options.correct === undefined
                  ? null
                  : { what: options.correct, max: options.max, by: actor(options.as, terminal.env) },
              signal,
              progress: (table, rows) => terminal.note(`${table}: ${countText(rows)} rows compared`),
            });
          } catch (error) {
            if (signal.aborted) return null;
            if (!(error instanceof DatabaseTrouble)) throw error;
            throw new CliError('not-compared', error.message, null, EXIT.problems);
          }
        },
      );
      if (report === null) {
        throw new CliError('interrupted', 'The comparison was interrupted.', null, EXIT.interrupted);
      }
      const { differences, ...rest } = report;
      const shown = { ...rest, differences: differences.slice(0, MOST_SHOWN).map(asDocument) };
      printResult(terminal, options.json, shown, () => [
        ...report.lines,
        ...(report.corrections?.lines ?? []),
        ...anomalyLines(report.anomalies),
        ...(report.file === null ? [] : [`Keys of the rows that differ: ${report.file}`]),
        VERDICTS[report.verdict](item),
      ]);
      finish(report.verdict === 'pass' ? EXIT.done : EXIT.problems);
    });
}

function asDocument({ kind, table, key, detail }: ReconcileReport['differences'][number]) {
  const parts: unknown = JSON.parse(key);
  return { kind, table, key: parts, detail };
}

function anomalyLines(anomalies: readonly string[]): readonly string[] {
  return anomalies.length === 0
    ? []
    : ['Distributed otherwise than in the source:', ...anomalies.map((line) => `  ${line}`)];
}

const VERDICTS = {
  pass: (item: string) => `The reconciliation of ${item} passes.`,
  fail: (item: string) => `The reconciliation of ${item} fails.`,
  inconclusive: (item: string) => `The reconciliation of ${item} is inconclusive.`,
} as const;

function find({ reconciliation }: Checked, item: string): Reconciliation {
  const found = reconciliation(item);
  if (found === null) {
    const advice = 'Give the migration_id of an entry of data_migration.migrations.';
    throw new CliError('no-item', `The strategy has no data migration "${item}".`, advice, EXIT.problems);
  }
  if (!('why' in found)) return found;
  throw new CliError(
    'not-comparable',
    `${item} cannot be compared by machine: ${found.why}.`,
    null,
    EXIT.problems,
  );
}

/** By itself, it compares every row, and notes nothing in the target. */
function wholly(method: ReconcileMethod): ReconcileMethod {
  return method.kind === 'rows' ? { kind: 'rows' } : method;
}

function method(text: string): ReconcileMethod {
  const parsed = parseMethod(text);
  if (parsed === null) throw new InvalidArgumentError(`Write ${METHODS}.`);
  return parsed.kind === 'rows' && parsed.changedBy !== undefined
    ? { kind: 'changed', column: parsed.changedBy }
    : parsed;
}

function most(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= 10_000) return value;
  throw new InvalidArgumentError('Give a whole number from 1 to 10000.');
}

function seed(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Give a whole number from 0 on.');
  return value;
}
