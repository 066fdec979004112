/** How a worker hands a command to the supervisor of its host, and starts one when none serves. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { point } from '../../fault-points.js';
import { isAlive, signalProcess } from '../../processes.js';
import type { SupervisorRequest } from './job.js';
import { latestPlace, livingSupervisor } from './place.js';

export type Handover =
  /** Somebody has the job. `ended` resolves when its end is on disk, or the supervisor is gone. */
  | { readonly state: 'claimed'; readonly ended: Promise<void> | null }
  /** The supervisor was ended, or did not answer, before it claimed the job. */
  | { readonly state: 'dropped' }
  /** Nothing was run, and why. */
  | { readonly state: 'refused'; readonly why: string };

/** How long a living supervisor may take to answer, on a busy machine; then another one takes its place. */
const ANSWER_MS = 10_000;

/** The number of a supervisor that did not answer, by home. */
const silent = new Map<string, number>();
/** The start under way, by home: many commands at once start one supervisor. */
const starts = new Map<string, Promise<string | null>>();

/** Hands the job to the supervisor of this home. The request goes over a socket of this user, and is never written down. */
export async function handOver(home: string, request: SupervisorRequest): Promise<Handover> {
  point('before-spawn');
  const reached = await reach(home);
  if (reached === null) return { state: 'dropped' };
  if ('why' in reached) return { state: 'refused', why: reached.why };
  const { socket, number } = reached;
  // Nothing here keeps the worker from ending: the supervisor does not need it.
  socket.unref();
  socket.end(JSON.stringify(request));
  point('after-spawn');
  const lines = new Lines(socket);
  const reply = await lines.next(ANSWER_MS);
  if (reply === 'claimed') return { state: 'claimed', ended: lines.next().then(() => undefined) };
  if (reply === 'taken') return { state: 'claimed', ended: null };
  if (reply?.startsWith('refused ')) return { state: 'refused', why: reply.slice('refused '.length) };
  if (reply === 'late') silent.set(home, number);
  socket.destroy();
  return { state: 'dropped' };
}

/** Tells the supervisor of this home that it is not needed any more: it leaves once its commands have ended. */
export function dismissSupervisor(home: string): void {
  const supervisor = livingSupervisor(home);
  if (supervisor !== null) signalProcess(supervisor, 'SIGTERM');
}

type Reached =
  | { readonly socket: Socket; readonly number: number }
  | { readonly why: string }
  /** The supervisor that was started is gone already. */
  | null;

async function reach(home: string): Promise<Reached> {
  let isStarted = false;
  for (let deadline = Date.now() + ANSWER_MS; ; ) {
    const place = latestPlace(home);
    if (place !== null && isAlive(place.supervisor) && place.number > (silent.get(home) ?? 0)) {
      const socket = place.socket === null ? null : await connectTo(place.socket);
      if (socket !== null) return { socket, number: place.number };
      if (Date.now() >= deadline) silent.set(home, place.number);
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    if (isStarted) return null;
    const why = await startOnce(home, (place?.number ?? 0) + 1);
    if (why !== null) return { why };
    isStarted = true;
    deadline = Date.now() + ANSWER_MS;
  }
}

/** Null when somebody is not there, or does not listen yet. */
function connectTo(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
    socket.on('error', () => undefined);
  });
}

function startOnce(home: string, number: number): Promise<string | null> {
  const running = starts.get(home);
  if (running !== undefined) return running;
  const start = startSupervisor(home, number).finally(() => starts.delete(home));
  starts.set(home, start);
  return start;
}

/** Resolves with null when a supervisor of this number listens, or ours was ended; else with the reason why it could not begin. */
async function startSupervisor(home: string, number: number): Promise<string | null> {
  const child = spawn(process.execPath, [supervisorFile(), home, String(number)], {
    detached: true,
    cwd: '/',
    env: supervisorEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  let isOver = false;
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-1_000);
  });
  child.on('error', (error) => {
    stderr = error.message;
    isOver = true;
  });
  child.on('close', () => {
    isOver = true;
  });
  child.unref();
  // One that found the number taken ends at once; the caller waits for its holder.
  while (!isOver && !listens(home, number)) await new Promise((resolve) => setTimeout(resolve, 5));
  child.stderr.destroy();
  return stderr === '' ? null : stderr;
}

function listens(home: string, number: number): boolean {
  const place = latestPlace(home);
  return place !== null && place.number >= number && place.socket !== null;
}

/** The lines that a supervisor sends. */
class Lines {
  readonly #lines: string[] = [];
  #rest = '';
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      const parts = (this.#rest + chunk.toString('utf8')).split('\n');
      this.#rest = parts.pop() ?? '';
      this.#lines.push(...parts);
      this.#wake();
    });
    socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** The next line; null when there will be none, `late` when there was none in time. */
  async next(limitMs?: number): Promise<string | 'late' | null> {
    let isLate = false;
    const late = (): void => {
      isLate = true;
      this.#wake();
    };
    const timer = limitMs === undefined ? undefined : setTimeout(late, limitMs);
    try {
      while (this.#lines.length === 0) {
        if (this.#isOver) return null;
        if (isLate) return 'late';
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      return this.#lines.shift() ?? null;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The compiled program: beside this file, or under dist/ when this file is run from its source. */
function supervisorFile(): string {
  for (const place of ['./supervisor.js', '../../../dist/activities/effects/command/supervisor.js']) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new Error('activities/effects/command/supervisor.js is missing. Build sluice first: npm run build.');
}

/** What `mkfifo` and the chaos tests need. It holds no secret: the environment of a command travels in its request. */
function supervisorEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of ['PATH', 'SLUICE_FAULTS']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
