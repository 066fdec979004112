/** Rows of a range, through a program, and its answers into the table. */
import { Refusal } from '../../refusal.js';
import type { Session } from '../../sql/session.js';
import { type Program, ProgramFailed } from './program.js';
import type { Range } from './range.js';
import { readTexts } from './table.js';
import type { ThroughStatements } from './through.js';

export interface Through {
  readonly statements: ThroughStatements;
  readonly program: Program;
  /** Milliseconds that a statement may take. */
  readonly limitMs: number;
}

export interface Answered {
  readonly written: number;
  /** That the program left out. */
  readonly filtered: number;
}

/** An answer and the row it is for, as JSON. */
interface Answer {
  readonly text: string;
  readonly columns: readonly string[];
}

/** Throws `ProgramFailed`, and what the program and the databases answer. */
export async function writeThrough(
  session: Session,
  from: Session,
  range: Range,
  { statements, program, limitMs }: Through,
): Promise<Answered> {
  const { rows } = await from.query(statements.read(range.sql), range.values, limitMs);
  if (rows.length === 0) return { written: 0, filtered: 0 };
  // Both transactions are idle meanwhile, for no longer than the program may take.
  for (const own of new Set([session, from])) {
    await own.query("select set_config('idle_in_transaction_session_timeout', $1, true)", [
      String(3 * limitMs),
    ]);
  }
  // A value of the type json keeps the line ends between its parts.
  const lines = await program(rows.map(({ row }) => (row ?? '').replaceAll(/[\r\n]+/g, ' ')));
  const answers: Answer[] = [];
  for (const [index, line] of lines.entries()) {
    const answer = read(line, rows[index]?.key ?? '[]', statements);
    if (answer !== null) answers.push(answer);
  }
  for (const group of grouped(answers, statements.keeps)) {
    const parameter = [`[${group.map(({ text }) => text).join(',')}]`];
    const columns = [...new Set(group.flatMap((answer) => answer.columns))];
    const { rowCount } = await session.query(statements.write(columns), parameter, limitMs);
    if (rowCount === group.length) continue;
    const [other] = (await session.query(`${statements.otherKeys} limit 1`, parameter, limitMs)).rows;
    if (other?.key != null) {
      throw new ProgramFailed(`The program answered another key than that of the row ${other.key}, or none.`);
    }
    return {
      written: answers.length - group.length + (rowCount ?? 0),
      filtered: rows.length - answers.length,
    };
  }
  return { written: answers.length, filtered: rows.length - answers.length };
}

/** Null for a row that is left out. */
function read(line: string, key: string, { columns }: ThroughStatements): Answer | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new ProgramFailed(`The program answered what is no JSON to the row ${key}: ${shown(line)}.`);
  }
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ProgramFailed(
      `The program answered neither an object nor null to the row ${key}: ${shown(line)}.`,
    );
  }
  const names = Object.keys(value);
  const unknown = names.find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined) {
    throw new ProgramFailed(
      `The program answered "${unknown}" to the row ${key}, and the table has no such column.`,
    );
  }
  const written = columns.filter(({ name, generated }) => !generated && names.includes(name));
  const texts = readTexts(key);
  if (texts === null) throw new Refusal(`The key ${key} cannot be read.`);
  // The text of the answer as it is: a number must not lose digits on the way.
  return { text: `{"key":${JSON.stringify(texts)},"row":${line}}`, columns: written.map(({ name }) => name) };
}

/** What is inserted together has the same columns: a column that an answer leaves out gets its default. */
function grouped(answers: readonly Answer[], together: boolean): readonly (readonly Answer[])[] {
  if (answers.length === 0) return [];
  if (together) return [answers];
  const groups = new Map<string, Answer[]>();
  for (const answer of answers) {
    const name = JSON.stringify(answer.columns);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [answer]);
    else group.push(answer);
  }
  return [...groups.values()];
}

function shown(line: string): string {
  return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}
