/** What a comparison found, and what follows from it. */
import type { Reconciliation } from '../plan.js';
import type { Verdict } from '../run/view.js';
import { upperBound } from './bound.js';
import { describeShift, type TimeShift } from './time-shift.js';
import { countText, percentText, shareText } from './wording.js';

/** What was found in one pair of tables. All numbers are rows. */
export interface TableFindings {
  readonly source: string;
  readonly target: string;
  /** Rows on either side, each key counted once. */
  readonly compared: number;
  readonly equal: number;
  readonly missing: number;
  readonly extra: number;
  /** In values that are not only times. */
  readonly different: number;
  /** In times only. */
  readonly temporal: number;
  /** Rows that differ, and that a person has settled so; among `equal`. */
  readonly kept?: number;
  /** Groups whose numbers of rows differ. */
  readonly groups: number;
  /** Columns that differ in some row of `different`. */
  readonly columns: readonly string[];
  /** How far the times of `temporal` rows are apart, by column. */
  readonly shifts: readonly TimeShift[];
  /** How many rows are not in the order of times that the item states, by its sentences. */
  readonly disorder: readonly Disorder[];
  /** Columns of the source that the target lacks. */
  readonly drift: readonly string[];
  /** True when there were too many differences to look at the rest. */
  readonly stopped: boolean;
  /** True when the rows were drawn, and others were not looked at. */
  readonly sampled: boolean;
  /** Only rows that have changed since this time were looked at, and those that differed before, in ISO 8601; absent for every row. */
  readonly since?: string;
}

export interface Disorder {
  /** As the strategy says it. */
  readonly text: string;
  readonly rows: number;
}

export interface RuleFindings {
  readonly name: string;
  readonly values: number;
  readonly differing: number;
}

export interface Findings {
  readonly tables: readonly TableFindings[];
  readonly rules: readonly RuleFindings[];
  /** Values of foreign keys in the target without a parent. */
  readonly orphans: number;
  /** Which rows a sample drew; null without one. */
  readonly seed: number | null;
  /** What the next comparison will lack. */
  readonly notes?: readonly string[];
}

export interface Judgement {
  readonly verdict: Verdict;
  /** What was found, one sentence per table and rule. */
  readonly lines: readonly string[];
}

export function judge(
  { method, threshold }: Pick<Reconciliation, 'method' | 'threshold'>,
  { tables, rules, orphans, seed, notes = [] }: Findings,
): Judgement {
  const parts: Judgement[] = [
    ...tables.map((table) => judgeTable(method, threshold, table, seed)),
    ...rules.map(judgeRule),
    ...(orphans > 0
      ? [
          {
            verdict: 'fail' as const,
            lines: [`${countText(orphans)} orphan keys: rows of the target without a parent`],
          },
        ]
      : []),
  ];
  const has = (verdict: Verdict): boolean => parts.some((part) => part.verdict === verdict);
  const verdict = has('fail') ? 'fail' : has('inconclusive') || parts.length === 0 ? 'inconclusive' : 'pass';
  return { verdict, lines: [...parts.flatMap(({ lines }) => lines), ...notes] };
}

function judgeTable(
  method: Reconciliation['method'],
  threshold: number,
  table: TableFindings,
  seed: number | null,
): Judgement {
  const line = lineOf(table);
  if (table.drift.length > 0) {
    const columns = table.drift.map((name) => `"${name}"`).join(', ');
    return { verdict: 'fail', lines: [`${line}; the target has no column ${columns}`] };
  }
  if (table.compared === 0 && table.since === undefined)
    return { verdict: 'inconclusive', lines: [`${line}: both sides are empty`] };
  const share = table.compared === 0 ? 1 : table.equal / table.compared;
  const required = `${percentText(threshold)} must be equal`;
  const disorder = table.disorder.map(
    ({ text, rows }) => `${countText(rows)} rows of ${table.target} contradict "${text}"`,
  );
  if (share < threshold || table.stopped)
    return { verdict: 'fail', lines: [`${line}; ${required}`, ...disorder] };
  if (disorder.length > 0) return { verdict: 'fail', lines: [line, ...disorder] };
  if (!table.sampled || method.kind !== 'sample') return { verdict: 'pass', lines: [line] };
  const bound = upperBound(table.compared - table.equal, table.compared, method.confidence);
  const proven = `at ${percentText(method.confidence)} confidence at least ${((1 - bound) * 100).toFixed(4)} % of all rows are equal`;
  const drawn = `drawn with seed ${seed ?? 0}`;
  if (1 - bound >= threshold) return { verdict: 'pass', lines: [`${line}, ${drawn}: ${proven}`] };
  return {
    verdict: 'inconclusive',
    lines: [
      `${line}, ${drawn}: ${proven}, which does not prove ${percentText(threshold)}. Draw more rows, or compare every row.`,
    ],
  };
}

function lineOf(table: TableFindings): string {
  const { source, target, compared, equal, sampled, stopped, since } = table;
  const kinds = [
    [table.missing, 'missing'],
    [table.extra, 'extra'],
    [table.different, `different${table.columns.length === 0 ? '' : ` (${table.columns.join(', ')})`}`],
    [table.temporal, `temporal (${table.shifts.map(describeShift).join('; ')})`],
    [
      table.groups,
      table.groups === 1 ? 'group with another number of rows' : 'groups with another number of rows',
    ],
  ] as const;
  const found = kinds.flatMap(([count, what]) => (count > 0 ? [`${countText(count)} ${what}`] : []));
  if (since !== undefined && compared === 0) return `${source} -> ${target}: no row changed since ${since}`;
  const how = since === undefined ? (sampled ? 'drawn' : 'compared') : `changed since ${since} compared`;
  const rows = `${countText(compared)} ${compared === 1 ? 'row' : 'rows'} ${how}, ${shareText(equal, compared)} equal`;
  if (table.kept !== undefined) found.push(`${countText(table.kept)} settled by review`);
  const rest = stopped ? ', and the rest was not looked at' : '';
  return `${source} -> ${target}: ${[rows, ...found].join(', ')}${rest}`;
}

function judgeRule({ name, values, differing }: RuleFindings): Judgement {
  if (values === 0) return { verdict: 'inconclusive', lines: [`${name}: neither side gives a value`] };
  if (differing === 0) return { verdict: 'pass', lines: [`${name}: ${countText(values)} values equal`] };
  return {
    verdict: 'fail',
    lines: [`${name}: ${countText(differing)} of ${countText(values)} values differ`],
  };
}
