/** Follows a run on a terminal: the tree, redrawn in place, and questions to the person at the keyboard. */
import { setTimeout as delay } from 'node:timers/promises';
import { isPassing, SluiceError } from '../client/index.js';
import type { Decision } from '../strategy/run/decision.js';
import type { MigrationView } from '../strategy/run/view.js';
import { hasEnded, waitsForPerson } from './exit.js';
import type { Answer } from './show/ask.js';
import { Screen } from './show/screen.js';
import { drawTree } from './show/tree.js';
import type { VoterIdentity } from './show/voter.js';
import type { Terminal } from './terminal.js';
import type { Ending, Watched } from './watched.js';

/** Between two looks at the run; a large run is looked at less often, so that looking stays a small part of the work. */
const LOOK_MS = 250;
const LOOK_SHARE = 5;
/** While the engine or the worker is away. */
const AWAY_MS = 2_000;

/** How the person at the keyboard takes part; null where nobody is asked. */
export interface Prompts {
  seats(decision: Decision, view: MigrationView): readonly VoterIdentity[];
  ask(decision: Decision, seats: readonly VoterIdentity[], signal: AbortSignal): Promise<Answer | null>;
  /** Hands the answer in; answers with why it did not count, or null when it did. */
  answer(decision: Decision, answer: Answer): Promise<string | null>;
}

export interface LiveOptions {
  readonly terminal: Terminal;
  readonly voice: Prompts | null;
  readonly noWait: boolean;
  readonly signal: AbortSignal;
}

export async function followLive(run: Watched, options: LiveOptions): Promise<Ending> {
  const { terminal, noWait, signal } = options;
  const screen = new Screen(terminal);
  const leftOpen = new Set<string>();
  let away = false;
  while (!signal.aborted) {
    const began = performance.now();
    const view = await look(run);
    const cost = performance.now() - began;
    if (signal.aborted) break;
    if (view instanceof SluiceError) {
      if (!away) screen.above(`${view.message} Waiting for it.`);
      away = true;
      await pause(AWAY_MS, signal);
      continue;
    }
    away = false;
    const question = nextQuestion(view, leftOpen, options.voice);
    screen.draw(picture(question === null ? view : without(view, question.decision), terminal));
    if (hasEnded(view)) return 'ended';
    if (question !== null) {
      screen.release();
      const answered = await putQuestion(run, question, options);
      if (!answered) leftOpen.add(question.decision.id);
    } else if (noWait && waitsForPerson(view)) {
      return 'blocked';
    } else {
      await pause(Math.max(LOOK_MS, cost * LOOK_SHARE), signal);
    }
  }
  return 'interrupted';
}

/** The view, or the passing trouble that hides it. */
async function look(run: Watched): Promise<MigrationView | SluiceError> {
  try {
    return await run.view();
  } catch (error) {
    if (isPassing(error)) return error;
    throw error;
  }
}

function picture(view: MigrationView, terminal: Terminal): string[] {
  const { paint } = terminal;
  return drawTree(view, {
    width: terminal.width(),
    height: terminal.height() - 1,
    now: terminal.now(),
    paint,
  });
}

/** The question itself is told below the tree, whole. */
function without(view: MigrationView, decision: Decision): MigrationView {
  return { ...view, decisions: view.decisions.filter(({ id }) => id !== decision.id) };
}

interface Question {
  readonly decision: Decision;
  readonly seats: readonly VoterIdentity[];
  readonly voice: Prompts;
}

function nextQuestion(
  view: MigrationView,
  leftOpen: ReadonlySet<string>,
  voice: Prompts | null,
): Question | null {
  if (voice === null) return null;
  for (const decision of view.decisions) {
    if (leftOpen.has(decision.id)) continue;
    const seats = voice.seats(decision, view);
    if (seats.length > 0) return { decision, seats, voice };
  }
  return null;
}

/** False when the person leaves the question open. It is withdrawn when somebody else answers it meanwhile. */
async function putQuestion(
  run: Watched,
  { decision, seats, voice }: Question,
  options: LiveOptions,
): Promise<boolean> {
  const settled = new AbortController();
  const either = AbortSignal.any([settled.signal, options.signal]);
  const watching = watchQuestion(run, decision, settled, either);
  const answer = await voice.ask(decision, seats, either);
  const withdrawn = settled.signal.aborted;
  settled.abort();
  await watching;
  if (withdrawn) options.terminal.out('\nSomebody else has answered.');
  if (answer === null) return withdrawn || options.signal.aborted;
  const refusal = await voice.answer(decision, answer);
  if (refusal !== null) options.terminal.out(refusal);
  return true;
}

async function watchQuestion(
  run: Watched,
  decision: Decision,
  settled: AbortController,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(LOOK_MS * 2, signal);
    if (signal.aborted) return;
    const view = await look(run);
    if (view instanceof SluiceError) continue;
    if (!view.decisions.some(({ id }) => id === decision.id)) settled.abort();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
