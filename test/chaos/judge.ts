/** What must be true of an ended run, whatever was killed: counted from its record and from the ledger. */
import type { RunEvent } from '../../strategy/run/event.js';
import type { RunStatus } from '../../strategy/run/view.js';
import { FAILING, STEPS } from './cases.js';

export interface Evidence {
  readonly run: string;
  readonly status: RunStatus;
  readonly events: readonly RunEvent[];
  /** By name, each as often as it happened. */
  readonly effects: readonly string[];
  /** The commands' lines with their attempts, in order. */
  readonly commands: readonly string[];
  readonly index: 'none' | 'valid' | 'invalid';
  /** How many events the run has had, with those that came after its end. */
  readonly total: number;
  /** The sequence numbers in the record file. */
  readonly recorded: readonly number[];
  /** The votes whose sender was told that they count: decision and identity. */
  readonly acknowledged: readonly string[];
}

export interface Verdict {
  readonly effects: number;
  readonly lost: number;
  readonly twice: number;
  /** Whatever else is wrong, in words. */
  readonly wrong: readonly string[];
}

export function judge(evidence: Evidence): Verdict {
  const { run, effects, commands, status } = evidence;
  const wrong: string[] = [];
  let lost = 0;
  let twice = 0;
  for (const effect of new Set([...effects, ...expectable()])) {
    const count = effects.filter((name) => name === effect).length;
    const { least, most } = boundsOf(effect, evidence);
    if (count < least) {
      lost += least - count;
      wrong.push(`${run}: lost: ${effect}`);
    }
    if (count > most) {
      twice += count - most;
      wrong.push(`${run}: ${count} times instead of ${most}: ${effect}`);
    }
  }
  if (new Set(commands).size < commands.length) wrong.push(`${run}: one attempt acted twice`);
  if (!['completed', 'rolled_back', 'failed'].includes(status)) wrong.push(`${run}: ended ${status}`);
  if (status === 'rolled_back' && evidence.index !== 'none') wrong.push(`${run}: an index is left behind`);
  if (evidence.index === 'invalid') wrong.push(`${run}: its index is invalid`);
  wrong.push(...wrongOrder(run, effects), ...wrongRecord(evidence), ...wrongVotes(evidence));
  return { effects: effects.length, lost, twice, wrong };
}

function expectable(): string[] {
  return [
    ...STEPS.flatMap(({ actions }) => actions),
    ...STEPS.filter(({ id }) => id !== 'I').map(({ id }) => `undo ${id}.0`),
    `undo ${FAILING}.0`,
  ];
}

/** How often an effect must have happened, as the record tells the story. */
function boundsOf(effect: string, { events, status }: Evidence): { least: number; most: number } {
  const [purpose, place = ''] = effect.split(' ');
  const [step = '', index] = place.split('.');
  const attempts = events.filter(
    (event) =>
      event.type === 'action-finished' &&
      event.purpose === purpose &&
      event.step === step &&
      String(event.index) === index,
  );
  const undone = status === 'rolled_back';
  const registered = events.some((event) => event.type === 'undo-registered' && event.step === step);
  // The index is counted as it stands: nothing of it may be left after a rollback.
  if (step === 'I')
    return undone ? { least: 0, most: 0 } : { least: status === 'completed' ? 1 : 0, most: 1 };
  if (attempts.length === 0) return { least: 0, most: 0 };
  const done = attempts.some((event) => event.type === 'action-finished' && event.outcome === 'done');
  const must = done || (purpose === 'apply' ? status === 'completed' : undone && registered);
  return { least: must ? 1 : 0, most: 1 };
}

/** The steps whose effects are listed in the order in which they happened: the commands' in one list, the SQL's in another. */
const ORDERED = [
  ['A', 'C', 'E'],
  ['B', 'D'],
] as const;

/** What was undone was undone in the reverse order of what was applied, among the commands and among the SQL. */
function wrongOrder(run: string, effects: readonly string[]): string[] {
  return ORDERED.flatMap((steps) => {
    const [applied, undone] = [stepsOf('apply', steps, effects), stepsOf('undo', steps, effects)];
    const inOrder = isSorted(applied, steps) && isSorted(undone.toReversed(), steps);
    return inOrder ? [] : [`${run}: wrong order: applied ${applied.join(', ')}; undone ${undone.join(', ')}`];
  });
}

/** Those of the steps that have such an effect, in the order of their first. */
function stepsOf(purpose: string, steps: readonly string[], effects: readonly string[]): string[] {
  const found = effects.flatMap((effect) => {
    const [does, place = ''] = effect.split(' ');
    const step = place.split('.')[0] ?? '';
    return does === purpose && steps.includes(step) ? [step] : [];
  });
  return [...new Set(found)];
}

function isSorted(ids: readonly string[], order: readonly string[]): boolean {
  return ids.join() === order.filter((id) => ids.includes(id)).join();
}

function wrongRecord({ run, events, recorded, total }: Evidence): string[] {
  const gap = events.findIndex(({ seq }, place) => seq !== place);
  const wrong = gap === -1 ? [] : [`${run}: followed events are not 0, 1, 2, ... at ${gap}`];
  const written = recorded.every((seq, place) => seq === place) && recorded.length === total;
  return written ? wrong : [...wrong, `${run}: its record file has ${recorded.length} of ${total} events`];
}

/** A vote that was acknowledged is in the record, and nobody's vote is there twice. */
function wrongVotes({ run, events, acknowledged }: Evidence): string[] {
  const cast = events.flatMap((event) =>
    event.type === 'vote-cast' ? [`${event.decision} by ${event.vote.by}`] : [],
  );
  return [
    ...acknowledged.filter((vote) => !cast.includes(vote)).map((vote) => `${run}: a vote was lost: ${vote}`),
    ...cast
      .filter((vote, place) => cast.indexOf(vote) !== place)
      .map((vote) => `${run}: a vote counts twice: ${vote}`),
  ];
}
