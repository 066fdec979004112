/** A series of kills: runs by turns, attacked in three lanes at once, until the wanted number of kills is reached. */
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventType, RunEvent } from '../../strategy/run/event.js';
import { ATTACKS, type Attack, type Stage } from './attacks.js';
import { makeCase } from './cases.js';
import { Random } from './random.js';
import { replayAll } from './replay.js';
import { type CaseResult, runCase } from './run-case.js';
import { openTestBed, type TestBed } from './test-bed.js';

/** How many runs are under way at any time: enough that every kill meets commands, SQL, gates and undos. */
const RUNS = 12;
/** Between two attacks of a lane the runs must get this many events further: a test bed that stands still proves nothing. */
const PROGRESS = 4;
const PROGRESS_MS = 6_000;
/** After the last kill, runs of which nothing is told for this long do not end any more. A busy machine is slow, and no failure. */
const SILENCE_MS = 180_000;
/** A long attack is followed by a time without one. */
const REST_MS = [1_000, 6_000] as const;

export interface SeriesOptions {
  readonly kills: number;
  readonly seed: number;
  /** The Temporal server's binary. */
  readonly binary: string;
  /** Leaves the folder with the logs and workspaces where it is. */
  readonly keep?: boolean;
  /** When it aborts, nothing more is killed, and the runs under way come to their end. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (summary: Summary) => void;
}

export interface Summary {
  /** By name of the attack. */
  readonly kills: Map<string, number>;
  readonly answers: Map<string, number>;
  readonly ends: Map<string, number>;
  total: number;
  runs: number;
  effects: number;
  lost: number;
  twice: number;
  cuts: number;
  /** Histories replayed at the end. */
  replayed: number;
  /** Whatever is wrong, in words; with lost and twice at zero and this empty, all promises are kept. */
  readonly wrong: string[];
  /** Targets that could not be attacked here, and why. */
  readonly leftOut: string[];
}

export async function series(options: SeriesOptions): Promise<Summary> {
  const random = new Random(options.seed);
  const summary = emptySummary();
  const testBed = await openTestBed(options.binary, () => random.between(0, 400));
  try {
    if (testBed.disk === null)
      summary.leftOut.push('full disk: mounting a small one is not permitted here (it needs root)');
    await carryOut(testBed, random, options, summary);
    const { count, wrong } = await replayAll(testBed.temporal);
    summary.replayed = count;
    summary.wrong.push(...wrong);
  } finally {
    const left = await testBed.close(options.keep === true);
    for (const process of left) summary.wrong.push(`left behind: ${process}`);
  }
  return summary;
}

async function carryOut(
  testBed: TestBed,
  random: Random,
  { kills, signal, onProgress }: SeriesOptions,
  summary: Summary,
): Promise<void> {
  const patience = new AbortController();
  setMaxListeners(0, patience.signal);
  const ears = new Map<EventType, Set<() => void>>();
  const enough = () => summary.total >= kills || signal?.aborted === true;
  const stage: Stage = { testBed, random, seen: (event, withinMs) => heard(ears, event, withinMs) };

  let number = 0;
  let told = 0;
  const progress = async (): Promise<void> => {
    const wanted = told + PROGRESS;
    for (const until = Date.now() + PROGRESS_MS; told < wanted && Date.now() < until && !enough(); ) {
      await pause(20);
    }
  };
  const runs = async (): Promise<void> => {
    while (!enough()) {
      number += 1;
      const given = await makeCase(testBed.folder, number);
      const watching = {
        onEvent: (_run: string, event: RunEvent) => {
          told += 1;
          for (const hear of ears.get(event.type) ?? []) hear();
        },
        onAnswer: ({ kind }: { readonly kind: string }, option: string) =>
          count(summary.answers, `${kind}: ${option}`),
      };
      try {
        conclude(summary, await runCase(testBed, given, random, watching, patience.signal));
      } catch (error) {
        summary.wrong.push(error instanceof Error ? error.message : String(error));
      }
      onProgress?.(summary);
    }
  };

  const lane = async (name: Attack['lane'], restMs: () => number): Promise<void> => {
    const deck: Attack[] = [];
    while (!enough()) {
      await pause(restMs());
      await progress();
      if (deck.length === 0) deck.push(...deal(name, testBed, random));
      const attack = deck.shift();
      if (attack === undefined) return;
      if (enough() || !(await attack.strike(stage))) continue;
      count(summary.kills, attack.name);
      summary.total += 1;
      onProgress?.(summary);
    }
  };

  const attacking = Promise.all([
    lane('random', () => random.between(100, 1_400)),
    lane('named', () => random.between(0, 600)),
    lane('long', () => random.between(...REST_MS)),
  ]);
  const ended = Promise.all(Array.from({ length: RUNS }, runs));
  await attacking;
  let heardOf = told;
  const silence = setInterval(() => {
    if (told === heardOf) patience.abort();
    heardOf = told;
  }, SILENCE_MS);
  await ended;
  clearInterval(silence);
}

function deal(lane: Attack['lane'], testBed: TestBed, random: Random): Attack[] {
  return random.shuffled(
    ATTACKS.filter((attack) => attack.lane === lane)
      .filter(({ name }) => name !== 'full disk' || testBed.disk !== null)
      .flatMap((attack) => Array.from({ length: attack.share }, () => attack)),
  );
}

function heard(ears: Map<EventType, Set<() => void>>, event: EventType, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const listeners = ears.get(event) ?? new Set();
    ears.set(event, listeners);
    const end = (was: boolean) => {
      clearTimeout(timer);
      listeners.delete(hear);
      resolve(was);
    };
    const hear = () => end(true);
    const timer = setTimeout(() => end(false), withinMs);
    listeners.add(hear);
  });
}

function conclude(summary: Summary, { status, events, effects, lost, twice, wrong }: CaseResult): void {
  summary.runs += 1;
  summary.effects += effects;
  summary.lost += lost;
  summary.twice += twice;
  summary.cuts += events.filter(({ type }) => type === 'continued').length;
  summary.wrong.push(...wrong);
  count(summary.ends, status);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function emptySummary(): Summary {
  return {
    ...{ kills: new Map(), answers: new Map(), ends: new Map(), wrong: [], leftOut: [] },
    ...{ total: 0, runs: 0, effects: 0, lost: 0, twice: 0, cuts: 0, replayed: 0 },
  };
}
