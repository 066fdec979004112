/** What the tests of the activities share: a home, a workspace, jobs, and an attempt that can be interrupted. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { afterEach } from 'vitest';
import type { EffectJob, EffectKey, RunContext } from '../../activities/contract.js';
import type { Dependencies } from '../../activities/dependencies.js';
import type { CommandAction, PlannedBindings } from '../../strategy/plan.js';
import { jobBindings } from '../../strategy/run/job-bindings.js';
import { readHeartbeat } from '../../strategy/run/progress.js';
import { endSupervisor } from '../support/supervisors.js';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) {
    await endSupervisor(join(folder, 'home'));
    await rm(folder, { recursive: true, force: true });
  }
});

export interface Place {
  readonly home: string;
  readonly workspace: string;
  readonly clients: Dependencies;
  readonly context: RunContext;
}

export async function makePlace(
  bindings: Partial<PlannedBindings> = {},
  env: Record<string, string> = {},
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-activities-'));
  folders.push(folder);
  const home = join(folder, 'home');
  const workspace = join(folder, 'workspace');
  await mkdir(home);
  await mkdir(workspace);
  const planned: PlannedBindings = {
    connections: {},
    metrics: {},
    roles: {},
    environment: {},
    forbidSelfApproval: false,
    watch: { intervalMs: 1_000, failureLimit: 3 },
    channels: {},
    ...bindings,
  };
  const { connections, metrics } = planned;
  const everything = {
    connections: Object.keys(connections),
    metrics: Object.keys(metrics),
    environment: true,
  };
  return {
    home,
    workspace,
    clients: {
      home,
      hostQueue: { host: 'here', taskQueue: 'sluice-here' },
      env: { PATH: process.env.PATH ?? '', ...env },
      logger: pino({ level: 'silent' }),
      limits: { killGraceMs: 300, unreachableMs: 1_500, lockTimeoutMs: 100 },
    },
    context: {
      run: 'run-1',
      execution: 'execution-1',
      workspace,
      bindings: jobBindings(planned, everything),
      pins: {},
    },
  };
}

export const KEY: EffectKey = { subject: 'STEP-1', purpose: 'apply', incarnation: 0, index: 0, attempt: 1 };

export function commandJob(
  place: Place,
  action: CommandAction | string,
  more: Partial<EffectJob<CommandAction>> = {},
): EffectJob<CommandAction> {
  const command = typeof action === 'string' ? ({ kind: 'command', text: action } as const) : action;
  return { context: place.context, key: KEY, action: command, timeoutMs: 60_000, ...more };
}

/** One attempt at an activity. */
export function attempt(number = 1, heartbeatDetails?: unknown): MockActivityEnvironment {
  return new MockActivityEnvironment(
    { attempt: number, heartbeatDetails },
    { logger: new DefaultLogger('ERROR') },
  );
}

/** The sentences for people in the heartbeats of an attempt, as they come. */
export function reportedBy(environment: MockActivityEnvironment): { readonly sentences: readonly string[] } {
  const sentences: string[] = [];
  environment.on('heartbeat', (details: unknown) => {
    const sentence = readHeartbeat(details)?.progress?.sentence;
    if (sentence !== undefined) sentences.push(sentence);
  });
  return { sentences };
}

/** Runs an activity within an attempt. */
export async function runIn<T>(environment: MockActivityEnvironment, work: () => Promise<T>): Promise<T> {
  return environment.run<[], T, () => Promise<T>>(work);
}

/** What the engine says when the worker is told to shut down. */
export function shutDown(environment: MockActivityEnvironment): void {
  environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
}

/** What the engine says to an attempt that it has given up. */
export function disown(environment: MockActivityEnvironment): void {
  environment.cancel('NOT_FOUND', new ActivityCancellationDetails({ notFound: true }));
}

/** Polls until the condition holds; fails after ten seconds. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The lines of a file; none when it does not exist. */
export async function lines(file: string): Promise<readonly string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
