/** Asks the person at the keyboard to answer one decision. */
import { createInterface, type Interface } from 'node:readline/promises';
import type { Decision, Option } from '../../strategy/run/decision.js';
import { escapeControls } from '../escape-controls.js';
import type { Terminal } from '../terminal.js';
import { shownFirst } from './decision.js';
import { oneLine } from './text.js';
import type { VoterIdentity } from './voter.js';

export interface Answer {
  readonly seat: VoterIdentity;
  readonly option: Option;
  readonly reason: string | undefined;
}

/**
 * Shows what is asked and reads an answer. Null when the person leaves it open, or when `signal` says that the
 * question is settled elsewhere or the command ends.
 */
export async function ask(
  decision: Decision,
  seats: readonly VoterIdentity[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Answer | null> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  // readline takes Ctrl-C for itself; it means the same here as anywhere else in `run`.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    terminal.out(questionText(decision).join('\n'));
    return await readAnswer(decision, seats, reader, terminal, signal);
  } catch (error) {
    if (signal.aborted || isAbort(error)) return null;
    throw error;
  } finally {
    reader.close();
  }
}

/** The question with everything a voter should see first. */
export function questionText(decision: Decision): string[] {
  return [
    '',
    oneLine(`${decision.id}: ${decision.question}`),
    ...shownFirst(decision).map((line) => `  ${line}`),
    ...decision.options.map((option, index) => `  ${index + 1}) ${option}`),
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
  seats: readonly VoterIdentity[],
  reader: Interface,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Answer | null> {
  const seat = await readSeat(seats, reader, terminal, signal);
  if (seat === null) return null;
  for (;;) {
    const text = await reader.question(`Your answer as ${describeSeat(seat)} (Enter leaves it open): `, {
      signal,
    });
    if (text.trim() === '') return null;
    const option = readOption(text, decision.options);
    if (option === null) {
      terminal.out(`Type a number from 1 to ${decision.options.length}, or the option's name.`);
      continue;
    }
    const reason = await readReason(decision, option, reader, signal);
    return { seat, option, reason };
  }
}

async function readSeat(
  seats: readonly VoterIdentity[],
  reader: Interface,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<VoterIdentity | null> {
  const [first, ...others] = seats;
  if (first === undefined || others.length === 0) return first ?? null;
  terminal.out(seats.map((seat, index) => `  ${index + 1}) as ${describeSeat(seat)}`).join('\n'));
  for (;;) {
    const text = (await reader.question('As whom? (number; Enter leaves it open): ', { signal })).trim();
    if (text === '') return null;
    const seat = seats[Number(text) - 1];
    if (seat !== undefined) return seat;
  }
}

function describeSeat({ by, role }: VoterIdentity): string {
  return escapeControls(oneLine(role === undefined || role === by ? by : `${by}, "${role}"`));
}

async function readReason(
  decision: Decision,
  option: Option,
  reader: Interface,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!decision.reasonFor.includes(option)) return undefined;
  for (;;) {
    const text = (await reader.question('This goes against what the machine saw. Why? ', { signal })).trim();
    if (text !== '') return text;
  }
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_USE_AFTER_CLOSE'))
  );
}
