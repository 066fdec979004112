/** Follows the run of a trial to its end, and answers whatever it asks. */
import { setTimeout as pause } from 'node:timers/promises';
import { SluiceError } from '../client/error.js';
import { isPassing } from '../client/session.js';
import type { Sluice } from '../client/sluice.js';
import type { Plan } from '../strategy/plan.js';
import { ballotsFor, choose } from '../strategy/rehearsal/actor.js';
import type { Point } from '../strategy/rehearsal/points.js';
import { describeDuration } from '../strategy/render/duration.js';
import type { Decision } from '../strategy/run/decision.js';
import { ENDED, type MigrationView } from '../strategy/run/view.js';
import { NotRehearsed } from './not-rehearsed.js';

export interface Followed {
  readonly client: Pick<Sluice, 'view' | 'published' | 'decide'>;
  readonly run: string;
  readonly plan: Plan;
  readonly point: Point;
  readonly seed: number;
  /** Milliseconds in which nothing happens, after which the run counts as stuck. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** The gate of the point was rejected. */
  readonly rejected: () => void;
}

/** Between two looks; short after an answer. */
const SHORTEST_MS = 30;
const LONGEST_MS = 250;
const SLOWER = 1.3;
/** Between two looks into the run, as long as it publishes nothing that asks for one: each costs the worker a workflow task. */
const VIEW_MS = 5_000;

/** A run that asks more often than this goes round in circles. */
const MOST_ANSWERS = 1_000;

/** The last view: of a run that has ended, or that is stuck. @throws NotRehearsed when it does not answer; when `signal` aborts */
export async function followTrial(followed: Followed): Promise<MigrationView> {
  const { patienceMs, signal } = followed;
  const answered = new Set<string>();
  const times = new Map<string, number>();
  let seq = -1;
  let since = Date.now();
  let waitMs = SHORTEST_MS;
  let viewedAt = Number.NEGATIVE_INFINITY;
  const silence = new Silence(patienceMs);
  for (;;) {
    signal.throwIfAborted();
    const due = Date.now() - viewedAt >= Math.min(VIEW_MS, patienceMs / 2);
    const view = await silence.during(() => lookAt(followed, due, answered));
    waitMs = Math.min(waitMs * SLOWER, LONGEST_MS);
    if (view !== null) {
      viewedAt = Date.now();
      if (ENDED.includes(view.status)) return view;
      if (view.seq !== seq) since = Date.now();
      seq = view.seq;
      const open = view.decisions.filter(({ id }) => !answered.has(id));
      for (const decision of open) {
        const question = `${decision.kind}:${decision.subject}`;
        const before = times.get(question) ?? 0;
        if (!(await answer(followed, decision, before))) continue;
        answered.add(decision.id);
        times.set(question, before + 1);
      }
      if (Date.now() - since > patienceMs || answered.size > MOST_ANSWERS) return view;
      if (open.length > 0) waitMs = SHORTEST_MS;
    }
    await pause(waitMs, undefined, { signal });
  }
}

/** The view when it is due, or when the run has ended or asks something that has not been answered; else null. */
async function lookAt(
  { client, run }: Followed,
  due: boolean,
  answered: ReadonlySet<string>,
): Promise<MigrationView | null> {
  if (due) return client.view(run);
  const published = await client.published(run);
  if (published === null) return null;
  const { status, decisions } = published;
  return ENDED.includes(status) || decisions.some(({ id }) => !answered.has(id)) ? client.view(run) : null;
}

/** False when the engine could not take the votes now. */
async function answer(followed: Followed, decision: Decision, before: number): Promise<boolean> {
  const { client, run, plan, point, seed, rejected } = followed;
  const option = choose(decision, point, before);
  try {
    for (const ballot of ballotsFor(decision, option, plan, seed)) await client.decide(run, ballot);
  } catch (error) {
    if (isPassing(error)) return false;
    // The run has gone on by itself, such as when a watched condition fired while it asked.
    if (!(error instanceof SluiceError)) throw error;
  }
  if (option === 'reject' && point.kind === 'gate' && point.gate === decision.subject) rejected();
  return true;
}

/** How long nobody has answered: trials share the engine and the worker, which may have no hand free for a while. */
class Silence {
  #since: number | null = null;

  constructor(private readonly patienceMs: number) {}

  /** Null when nobody answers now, and where the request gives null, which says nothing of the worker. @throws NotRehearsed when nobody has for too long */
  async during<T>(request: () => Promise<T | null>): Promise<T | null> {
    try {
      const answer = await request();
      if (answer !== null) this.#since = null;
      return answer;
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.#since ??= Date.now();
      if (Date.now() - this.#since <= this.patienceMs) return null;
      throw new NotRehearsed(
        `The run of a trial has not answered for ${describeDuration(this.patienceMs)}: ${error.message} What the worker says of it is in its log. Try again with --jobs 1, or a longer --patience.`,
        { cause: error },
      );
    }
  }
}

/** Repeats a request that may be made twice until the engine and the worker have a hand free for it: trials share them. */
export async function patiently<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await pause(LONGEST_MS, undefined, { signal });
  }
}
