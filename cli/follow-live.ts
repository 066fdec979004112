/** Follows a run on a terminal: the tree, redrawn in place, and questions to the person at the keyboard. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SluiceError } from '../client/index.js';
import type { Decision } from '../strategy/run/decision.js';
import type { MigrationView } from '../strategy/run/view.js';
import type { Voter } from '../strategy/run/voters.js';
import { hasEnded, waitsForPerson } from './exit.js';
import { Latest } from './latest.js';
import type { Answer } from './show/ask.js';
import { withLocalTimes } from './show/local-time.js';
import { Screen } from './show/screen.js';
import { drawTree } from './show/tree.js';
import type { Terminal } from './terminal.js';
import type { Ending, Watched } from './watched.js';

/** How often the picture is redrawn while nothing changes: durations keep counting. */
const REDRAW_MS = 1_000;

/** How the person at the keyboard takes part; null where nobody is asked. */
export interface Prompter {
  voters(decision: Decision, view: MigrationView): readonly Voter[];
  ask(decision: Decision, voters: readonly Voter[], signal: AbortSignal): Promise<Answer | null>;
  /** Casts the vote; resolves to why it did not count, or null when it did. */
  answer(decision: Decision, answer: Answer): Promise<string | null>;
}

export interface LiveOptions {
  readonly terminal: Terminal;
  readonly prompter: Prompter | null;
  readonly noWait: boolean;
  readonly signal: AbortSignal;
}

export async function followLive(run: Watched, options: LiveOptions): Promise<Ending> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, options.signal]);
  const screen = new Screen(options.terminal);
  const onTrouble = (trouble: SluiceError | null): void => {
    if (trouble !== null) screen.above(`${trouble.message} Waiting for it.`);
  };
  const latest = new Latest(run.views(signal, onTrouble));
  try {
    return await draw(latest, screen, options);
  } finally {
    stop.abort();
    await latest.done;
  }
}

async function draw(latest: Latest<MigrationView>, screen: Screen, options: LiveOptions): Promise<Ending> {
  const { terminal, noWait, signal, prompter } = options;
  const leftOpen = new Set<string>();
  let view = await latest.next(signal);
  while (view !== null && !signal.aborted) {
    const question = nextQuestion(view, leftOpen, prompter);
    screen.draw(picture(question === null ? view : without(view, question.decision), terminal));
    if (hasEnded(view)) return 'ended';
    if (question !== null) {
      screen.release();
      if (!(await putQuestion(latest, question, options))) leftOpen.add(question.decision.id);
      view = latest.value ?? view;
      continue;
    }
    if (noWait && waitsForPerson(view)) return 'blocked';
    view = await nextOrRedraw(latest, view, signal);
  }
  return signal.aborted ? 'interrupted' : 'ended';
}

/** The next view, or the same again when it is time to redraw; null when no more come. */
async function nextOrRedraw(
  latest: Latest<MigrationView>,
  current: MigrationView,
  signal: AbortSignal,
): Promise<MigrationView | null> {
  const soon = new AbortController();
  const redraw = pause(REDRAW_MS, AbortSignal.any([soon.signal, signal])).then(() => current);
  try {
    return await Promise.race([latest.next(signal), redraw]);
  } finally {
    soon.abort();
  }
}

function picture(view: MigrationView, terminal: Terminal): string[] {
  const { paint } = terminal;
  const canvas = { width: terminal.width(), height: terminal.height() - 1, now: terminal.now(), paint };
  return drawTree(view, canvas).map((line) => withLocalTimes(line));
}

/** The question itself is shown below the tree, in full. */
function without(view: MigrationView, decision: Decision): MigrationView {
  return { ...view, decisions: view.decisions.filter(({ id }) => id !== decision.id) };
}

interface Question {
  readonly decision: Decision;
  readonly voters: readonly Voter[];
  readonly prompter: Prompter;
}

function nextQuestion(
  view: MigrationView,
  leftOpen: ReadonlySet<string>,
  prompter: Prompter | null,
): Question | null {
  if (prompter === null) return null;
  for (const decision of view.decisions) {
    if (leftOpen.has(decision.id)) continue;
    const voters = prompter.voters(decision, view);
    if (voters.length > 0) return { decision, voters, prompter };
  }
  return null;
}

/** False when the person leaves the question open. It is withdrawn when somebody else answers it meanwhile. */
async function putQuestion(
  latest: Latest<MigrationView>,
  { decision, voters, prompter }: Question,
  options: LiveOptions,
): Promise<boolean> {
  const settled = new AbortController();
  const either = AbortSignal.any([settled.signal, options.signal]);
  const watching = untilSettled(latest, decision, settled, either);
  const answer = await prompter.ask(decision, voters, either);
  const withdrawn = settled.signal.aborted;
  settled.abort();
  await watching;
  if (withdrawn) options.terminal.out('\nSomeone else has answered.');
  if (answer === null) return withdrawn || options.signal.aborted;
  const refusal = await prompter.answer(decision, answer);
  if (refusal !== null) options.terminal.out(refusal);
  // Until the next view shows it as answered, it would be asked again.
  else await latest.until((view) => !isOpen(view, decision), options.signal);
  return true;
}

async function untilSettled(
  latest: Latest<MigrationView>,
  decision: Decision,
  settled: AbortController,
  signal: AbortSignal,
): Promise<void> {
  await latest.until((view) => !isOpen(view, decision), signal);
  if (!signal.aborted) settled.abort();
}

/** True while a decision waits for the same votes as when it was shown. */
function isOpen(view: MigrationView, decision: Decision): boolean {
  return view.decisions.some(({ id, votes }) => id === decision.id && votes.length === decision.votes.length);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
