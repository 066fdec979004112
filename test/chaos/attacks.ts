/** What is killed, cut, frozen and filled. Each attack answers with false when there was nothing to hit just then. */
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FAULT_POINTS } from '../../activities/fault-points.js';
import type { EventType } from '../../strategy/run/event.js';
import { runningJobs } from './jobs.js';
import { send } from './processes.js';
import type { Random } from './random.js';
import type { TestBed } from './test-bed.js';

export interface Attack {
  /** `worker`, `point before-commit`, ...: a row of the report. */
  readonly name: string;
  /** Attacks of different lanes happen at the same time. `long` ones take longer than the heartbeat timeout. */
  readonly lane: 'random' | 'named' | 'long';
  /** How many of it are in a deck that is dealt out once. */
  readonly share: number;
  strike(stage: Stage): Promise<boolean>;
}

export interface Stage {
  readonly testBed: TestBed;
  readonly random: Random;
  /** Resolves true when some run tells of such an event, false after the time. */
  seen(event: EventType, withinMs: number): Promise<boolean>;
}

/** Longer than the 10 s after which the engine takes a silent worker for dead. */
const FROZEN_MS = [11_500, 14_000] as const;
/** How long a job to hit is waited for. */
const JOB_MS = 2_000;
/** How long a named instant is waited for. */
const NAMED_MS = 5_000;

/** The instants that the workflow has, rather than the activities: whoever works is killed when such an event was seen. */
const EVENTS: readonly EventType[] = [
  'undo-registered',
  'decision-opened',
  'vote-cast',
  'continued',
  'rollback-started',
  'step-undone',
  'run-ended',
];

const RANDOM: readonly Attack[] = [
  {
    ...{ name: 'worker', lane: 'random', share: 5 },
    strike: async ({ testBed, random }) => killWorker(testBed, random.chance(0.5) ? 0 : 1),
  },
  {
    ...{ name: 'both workers', lane: 'random', share: 1 },
    strike: async ({ testBed }) => killBoth(testBed),
  },
  {
    ...{ name: 'engine', lane: 'random', share: 2 },
    strike: async ({ testBed }) => {
      const pid = testBed.enginePid();
      return pid !== null && send(pid, 'SIGKILL');
    },
  },
  {
    ...{ name: 'database', lane: 'random', share: 2 },
    async strike({ testBed, random }) {
      await testBed.postgres.crash();
      await pause(random.between(0, 1_500));
      await testBed.postgres.start();
      return true;
    },
  },
  {
    ...{ name: 'supervisor', lane: 'random', share: 6 },
    strike: (stage) => hitJob(stage, ({ supervisor }) => supervisor !== null && send(supervisor, 'SIGKILL')),
  },
  {
    ...{ name: 'command', lane: 'random', share: 6 },
    strike: (stage) => hitJob(stage, ({ command }) => killCommand(stage, command)),
  },
  {
    ...{ name: 'supervisor and command', lane: 'random', share: 3 },
    strike: (stage) =>
      hitJob(
        stage,
        ({ supervisor, command }) =>
          supervisor !== null &&
          command !== null &&
          send(supervisor, 'SIGKILL') &&
          killCommand(stage, command),
      ),
  },
];

const NAMED: readonly Attack[] = [
  ...FAULT_POINTS.map(
    (name): Attack => ({
      ...{ name: `point ${name}`, lane: 'named', share: 1 },
      async strike({ testBed }) {
        const fault = join(testBed.faults, name);
        rmSync(`${fault}.struck`, { force: true });
        writeFileSync(fault, '');
        const deadline = Date.now() + NAMED_MS;
        while (Date.now() < deadline) {
          if (existsSync(`${fault}.struck`)) return true;
          await pause(20);
        }
        rmSync(fault, { force: true });
        return existsSync(`${fault}.struck`);
      },
    }),
  ),
  ...EVENTS.map(
    (event): Attack => ({
      ...{ name: `event ${event}`, lane: 'named', share: 1 },
      strike: async ({ testBed, seen }) => (await seen(event, NAMED_MS)) && killBoth(testBed),
    }),
  ),
];

const LONG: readonly Attack[] = [
  {
    ...{ name: 'network cut', lane: 'long', share: 1 },
    async strike({ testBed, random }) {
      testBed.wire.cut(random.chance(0.5));
      await pause(random.between(...FROZEN_MS));
      testBed.wire.restore();
      return true;
    },
  },
  {
    ...{ name: 'frozen worker', lane: 'long', share: 1 },
    async strike({ testBed, random }) {
      const pid = testBed.workers[random.chance(0.5) ? 0 : 1].pid;
      if (pid === null || !send(pid, 'SIGSTOP')) return false;
      await pause(random.between(...FROZEN_MS));
      // False when it was killed meanwhile: then it never woke.
      return send(pid, 'SIGCONT');
    },
  },
  {
    ...{ name: 'full disk', lane: 'long', share: 1 },
    async strike({ testBed, random }) {
      if (testBed.disk === null) return false;
      const filler = join(testBed.disk.folder, '.filler');
      fill(filler, testBed.disk.folder);
      await pause(random.between(500, 4_000));
      rmSync(filler, { force: true });
      return true;
    },
  },
];

export const ATTACKS: readonly Attack[] = [...RANDOM, ...NAMED, ...LONG];

/** Waits for a job that can be hit, and hits one of them. */
async function hitJob(
  { testBed, random }: Stage,
  hit: (job: ReturnType<typeof runningJobs>[number]) => boolean,
): Promise<boolean> {
  const deadline = Date.now() + JOB_MS;
  while (Date.now() < deadline) {
    for (const job of random.shuffled(runningJobs(testBed.home))) if (hit(job)) return true;
    await pause(20);
  }
  return false;
}

/** Its shell alone, or with all that it started. */
function killCommand({ random }: Stage, command: number | null): boolean {
  return command !== null && send(random.chance(0.5) ? command : -command, 'SIGKILL');
}

async function killBoth(testBed: TestBed): Promise<boolean> {
  const one = killWorker(testBed, 0);
  return killWorker(testBed, 1) || one;
}

function killWorker(testBed: TestBed, which: 0 | 1): boolean {
  const { pid } = testBed.workers[which];
  return pid !== null && send(pid, 'SIGKILL');
}

/** Leaves no block free. */
function fill(file: string, folder: string): void {
  for (let tries = 0; tries < 3; tries += 1) {
    const { bavail, bsize } = statfsSync(folder);
    try {
      writeFileSync(file, Buffer.alloc(bavail * bsize + bsize), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}
