/** The rows of a dataset go through the rules and the program of a data migration, and become what the dataset says. Nothing is written. */
import pg from 'pg';
import { tableText } from '../../strategy/kinds/effects/rows.js';
import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import { programAt } from '../effects/rows/program.js';
import { readTable, type Table } from '../effects/rows/table.js';
import { readScript } from '../script-file.js';
import { serverMessage } from '../sql/failure.js';
import { OtherDatabase } from '../sql/identity.js';
import { ConnectionLost, type Session, withSession } from '../sql/session.js';
import { targetOf } from '../sql/target.js';
import { BadDataset, type EdgeCase, readCases } from './transform/cases.js';
import { byProgram, byRules, differences, type Made } from './transform/through.js';
import {
  broken,
  type Evaluator,
  fail,
  type ProbeContext,
  type ProbeResult,
  pass,
  redactedLine,
} from './verdict.js';

/** Rows that differ and are told of; the rest is counted. */
const TOLD = 5;

export const evaluateTransform: Evaluator<ProbeOf<'transform'>> = async (probe, context) => {
  const source = await targetOf(context.run, probe.connection, context.env);
  const target = await targetOf(context.run, probe.to, context.env);
  try {
    const cases = readCases(await readScript(context.run.workspace, probe.dataset));
    return await withSession(source, (from) =>
      withSession(target, (to) => evaluate(probe, context, cases, { source: from, target: to })),
    );
  } catch (error) {
    if (error instanceof BadDataset) return broken(`${probe.dataset.path}: ${error.message}`);
    if (error instanceof ConnectionLost)
      return broken(`a database could not be reached: ${redactedLine(context, error.message)}`);
    if (error instanceof OtherDatabase) return broken(error.message);
    if (error instanceof pg.DatabaseError) return broken(redactedLine(context, serverMessage(error)));
    throw error;
  }
};

interface Sessions {
  readonly source: Session;
  readonly target: Session;
}

/** A case and the tables that it is about. */
interface Trial {
  readonly of: EdgeCase;
  readonly source: Table;
  readonly target: Table;
}

async function evaluate(
  probe: ProbeOf<'transform'>,
  context: ProbeContext,
  cases: readonly EdgeCase[],
  sessions: Sessions,
): Promise<ProbeResult> {
  for (const session of new Set([sessions.source, sessions.target])) {
    await session.query('set default_transaction_read_only = on');
    await session.query("select set_config('statement_timeout', $1, false)", [String(context.timeoutMs)]);
  }
  const trials = await trialsOf(probe, cases, sessions);
  const made: Made[] = [];
  for (const { of, source, target } of trials) {
    made.push(await byRules(sessions.source, rulesFor(probe, target), source, of));
  }
  const answered = await throughProgram(probe, context, made);
  const wrong: string[] = [];
  for (const [index, trial] of trials.entries()) {
    const found = await judge(probe, sessions.target, trial, answered[index] ?? { kind: 'out' });
    if (found !== null) wrong.push(`line ${trial.of.line}: ${found}`);
  }
  const all = `${cases.length} ${cases.length === 1 ? 'row' : 'rows'} of ${probe.dataset.path}`;
  if (wrong.length === 0) return pass(`${all} became what it says`);
  const rest = wrong.length > TOLD ? [`and ${wrong.length - TOLD} more`] : [];
  return fail(
    `${wrong.length} of ${all} did not become what it says: ${[...wrong.slice(0, TOLD), ...rest].join('; ')}`,
  );
}

/** @throws BadDataset for what names no table or column. */
async function trialsOf(
  { tables }: ProbeOf<'transform'>,
  cases: readonly EdgeCase[],
  sessions: Sessions,
): Promise<readonly Trial[]> {
  const known = new Map<string, Omit<Trial, 'of'>>();
  for (const pair of tables) {
    const source = await readTable(sessions.source, pair.source);
    const target = await readTable(sessions.target, pair.target);
    if (source === null || target === null) {
      throw new BadDataset(`there is no table ${tableText(source === null ? pair.source : pair.target)}`);
    }
    known.set(tableText(pair.source), { source, target });
  }
  const [first] = known.keys();
  return cases.map((of) => {
    const pair = known.get(of.table ?? (known.size === 1 ? (first ?? '') : ''));
    if (pair === undefined) {
      throw new BadDataset(`line ${of.line}: "table" must be one of ${[...known.keys()].join(', ')}`);
    }
    const { source, target } = pair;
    const expected = of.becomes.kind === 'row' ? of.becomes.columns : [];
    const unknown = missing(of.columns, source) ?? missing(expected, target);
    if (unknown !== undefined) throw new BadDataset(`line ${of.line}: there is no column "${unknown}"`);
    return { of, source, target };
  });
}

/** Of several tables, each takes the rules for its own columns. A program may read what no table has. */
function rulesFor(probe: ProbeOf<'transform'>, { columns }: Table): ProbeOf<'transform'> {
  if (probe.program !== undefined) return probe;
  return { ...probe, set: probe.set.filter(({ column }) => columns.some(({ name }) => name === column)) };
}

function missing(names: readonly string[], { columns }: Table): string | undefined {
  return names.find((name) => !columns.some((column) => column.name === name));
}

/** Rows that the rules leave out or the database refuses do not reach the program. */
async function throughProgram(
  { program }: ProbeOf<'transform'>,
  context: ProbeContext,
  made: readonly Made[],
): Promise<readonly Made[]> {
  if (program === undefined) return made;
  const place = { context: context.run, env: context.env, job: null, graceMs: context.killGraceMs };
  const rows = made.flatMap((row) => (row.kind === 'row' ? [row.text] : []));
  const answers = [...(await byProgram(programAt(program, place), rows))];
  return made.map((row) => (row.kind === 'row' ? (answers.shift() ?? row) : row));
}

/** What is wrong with a row; null when it became what the dataset says. */
async function judge(
  { program }: ProbeOf<'transform'>,
  session: Session,
  { of, source, target }: Trial,
  made: Made,
): Promise<string | null> {
  const checked = made.kind === 'row' && program !== undefined ? answerOf(made.text, target) : made;
  if (checked.kind !== 'row') return told(of, checked);
  // A program must not change the key; in place, what it leaves out keeps its value.
  const key =
    program === undefined
      ? []
      : source.key.map(({ name }) => name).filter((name) => of.columns.includes(name));
  const columns = of.becomes.kind === 'row' ? of.becomes.columns : [];
  const keeps = source.name === target.name;
  const found = await differences(session, target, of, {
    made: checked.text,
    columns: [...new Set([...columns, ...key])],
    keeps,
  });
  if ('kind' in found) return told(of, found);
  if (of.becomes.kind !== 'row') return told(of, checked);
  if (found.length === 0) return null;
  return found.map(({ column, got, want }) => `${column} is ${got} instead of ${want}`).join(', ');
}

/** What a run would accept of a line that a program answered. */
function answerOf(text: string, table: Table): Made {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'refused', why: `the program answered what is no JSON: ${text.slice(0, 200)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'refused', why: `the program answered neither an object nor null: ${text.slice(0, 200)}` };
  }
  const unknown = missing(Object.keys(value), table);
  if (unknown === undefined) return { kind: 'row', text };
  return { kind: 'refused', why: `the program answered "${unknown}", and the table has no such column` };
}

/** For a row that became something else than a row, or should have. */
function told({ becomes }: EdgeCase, made: Made): string | null {
  if (becomes.kind === made.kind) return null;
  const wanted = { row: 'a row', out: 'left out', refused: 'refused' }[becomes.kind];
  switch (made.kind) {
    case 'row':
      return `it became ${made.text.slice(0, 200)} instead of being ${wanted}`;
    case 'out':
      return `it was left out instead of being ${wanted}`;
    case 'refused':
      return `it was refused instead of being ${wanted}: ${made.why}`;
    default:
      return made satisfies never;
  }
}
