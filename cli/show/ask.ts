/** Asks the person at the keyboard to answer one decision. */
import { createInterface, type Interface } from 'node:readline/promises';
import type { Decision, Option } from '../../strategy/run/decision.js';
import { describeStanding } from '../../strategy/run/standing.js';
import type { Voter } from '../../strategy/run/voters.js';
import { escapeControls } from '../escape-controls.js';
import type { Terminal } from '../terminal.js';
import { shownFirst } from './decision.js';
import { withLocalTimes } from './local-time.js';
import { oneLine } from './text.js';

export interface Answer {
  readonly voter: Voter;
  readonly option: Option;
  readonly reason: string | undefined;
}

/**
 * Shows what is asked and reads an answer. Null when the person leaves it open, or when `signal` says that the
 * question is settled elsewhere or the command ends.
 */
export async function ask(
  decision: Decision,
  voters: readonly Voter[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Answer | null> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  // readline takes Ctrl-C for itself; it means the same here as anywhere else in `run`.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    terminal.out(questionText(decision, terminal.now()).join('\n'));
    return await readAnswer(decision, voters, reader, terminal, signal);
  } catch (error) {
    if (signal.aborted || isAbort(error)) return null;
    throw error;
  } finally {
    reader.close();
  }
}

/** The question with everything a voter should see first; the options follow once it is clear who answers. */
export function questionText(decision: Decision, now: Date): string[] {
  return [
    '',
    oneLine(`${decision.id}: ${decision.question}`),
    ...describeStanding(decision, now).map((line) => `  ${withLocalTimes(oneLine(line))}`),
    ...shownFirst(decision).map((line) => `  ${line}`),
  ];
}

/** The option meant by a number or (the start of) a name; null when none, or more than one, fits. */
export function readOption(text: string, options: readonly Option[]): Option | null {
  const wanted = text.trim().toLowerCase();
  const byNumber = /^\d+$/.test(wanted) ? options[Number(wanted) - 1] : undefined;
  const exact = byNumber ?? options.find((option) => option === wanted);
  if (exact !== undefined) return exact;
  const [only, ...others] = wanted === '' ? [] : options.filter((option) => option.startsWith(wanted));
  return only !== undefined && others.length === 0 ? only : null;
}

async function readAnswer(
  decision: Decision,
  voters: readonly Voter[],
  reader: Interface,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Answer | null> {
  const voter = await readVoter(voters, reader, terminal, signal);
  if (voter === null) return null;
  const { options } = voter;
  terminal.out(options.map((option, index) => `  ${index + 1}) ${option}`).join('\n'));
  for (;;) {
    const text = await reader.question(`Your answer as ${describeVoter(voter)} (Enter leaves it open): `, {
      signal,
    });
    if (text.trim() === '') return null;
    const option = readOption(text, options);
    if (option === null) {
      terminal.out(`Type a number from 1 to ${options.length}, or the option's name.`);
      continue;
    }
    const reason = await readReason(decision, option, reader, signal);
    return { voter, option, reason };
  }
}

async function readVoter(
  voters: readonly Voter[],
  reader: Interface,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Voter | null> {
  const [first, ...others] = voters;
  if (first === undefined || others.length === 0) return first ?? null;
  terminal.out(voters.map((voter, index) => `  ${index + 1}) as ${describeVoter(voter)}`).join('\n'));
  for (;;) {
    const text = (
      await reader.question('Answer as which role? (number; Enter leaves it open): ', { signal })
    ).trim();
    if (text === '') return null;
    const voter = voters[Number(text) - 1];
    if (voter !== undefined) return voter;
  }
}

function describeVoter({ by, role, onBehalfOf }: Voter): string {
  const held = role === undefined || role === by ? by : `${by}, "${role}"`;
  return escapeControls(oneLine(onBehalfOf === undefined ? held : `${held}, for ${onBehalfOf}`));
}

async function readReason(
  decision: Decision,
  option: Option,
  reader: Interface,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!decision.reasonFor.includes(option)) return undefined;
  for (;;) {
    const text = (await reader.question('This overrides an automated result. Why? ', { signal })).trim();
    if (text !== '') return text;
  }
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_USE_AFTER_CLOSE'))
  );
}
