/**
 * `npm run load [-- --runs N --rate N --minutes N --heap MB --strict]`: many runs open at once, decisions at a steady rate, one worker.
 * The worker is `sluice worker` and the dashboard `sluice web`, processes of their own with nothing replaced: their memory and
 * answers are what people see.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus, release, tmpdir, type } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from '../client/connect.js';
import { SluiceError } from '../client/error.js';
import type { Sluice } from '../client/sluice.js';
import { startEngine } from './engine.js';
import { gatedStrategy } from './strategies.js';
import { planOf } from './world.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '5' },
    heap: { type: 'string' },
    strict: { type: 'boolean', default: false },
  },
});
const RUNS = Number(values.runs);
const PER_MINUTE = Number(values.rate);
const MINUTES = Number(values.minutes);
/** More gates than a run can pass in that time, so that all stay open. */
const GATES = 4 + 2 * Math.ceil((PER_MINUTE * MINUTES) / RUNS);
const GOAL_MS = 300;
/** Submissions under way at once. */
const AT_ONCE = 8;
const BATCH = 100;
const LOOK_EVERY_MS = 2_000;

class Samples {
  private readonly values: number[] = [];

  async time<T>(work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await work();
    this.values.push(performance.now() - begin);
    return result;
  }

  add(value: number): void {
    this.values.push(value);
  }

  /** 0 to 1; NaN of nothing. */
  at(share: number): number {
    const sorted = [...this.values].sort((one, other) => one - other);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  }

  toString(): string {
    const [middle, high, most] = [0.5, 0.95, 1].map((share) => `${Math.round(this.at(share))} ms`);
    return `median ${middle}, 95 % within ${high}, longest ${most} (${this.values.length} times)`;
  }
}

/** Megabytes that the process holds in memory; Linux only. */
function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) / 1024);
}

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has printed first. */
  readonly said: string;
}

/** A verb that goes on until it is stopped. */
async function start(verb: string, env: Record<string, string>): Promise<Started> {
  const sluice = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
  const child = spawn(process.execPath, [sluice, verb], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  const { pid } = child;
  if (pid === undefined) throw new Error(`sluice ${verb} did not start.`);
  return { child, pid, said: String(said) };
}

async function stop({ child }: Started): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** Loads a page as a browser with a session does, and answers with what it holds. */
type LoadPage = (path: string) => Promise<string>;

/** @param said what `sluice web` prints: the link with its token */
async function openPages(said: string): Promise<LoadPage> {
  const link = /http:\S+/.exec(said)?.[0] ?? '';
  const entered = await fetch(link, { redirect: 'manual' });
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return async (path) => {
    const answer = await fetch(new URL(path, link), { headers: { cookie } });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`The page ${path} answered ${answer.status}: ${text}`);
    return text;
  };
}

/** Submits the runs, and waits until each asks at its first gate: a hundred after the other, since nobody starts them all at once. */
async function openAll(sluice: Sluice): Promise<void> {
  const plan = await planOf(gatedStrategy(GATES, 'true'));
  let next = 0;
  const submit = async (until: number): Promise<void> => {
    while (next < until) {
      const id = `load-${next}`;
      next += 1;
      await sluice.submit(plan, { workspace: tmpdir(), by: 'load', id });
    }
  };
  while (next < RUNS) {
    const until = Math.min(next + BATCH, RUNS);
    await Promise.all(Array.from({ length: AT_ONCE }, () => submit(until)));
    while ((await openDecisions(sluice)) < until) await pause(1_000);
  }
}

/** None while the engine is too busy to say. */
async function openDecisions(sluice: Sluice): Promise<number> {
  try {
    return (await sluice.inbox()).entries.length;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return 0;
  }
}

interface Measured {
  readonly decide: Samples;
  readonly list: Samples;
  readonly inbox: Samples;
  /** The dashboard's inbox and its list of runs. */
  readonly pages: Samples;
  readonly memory: Samples;
  decisions: number;
  /** Looks that the engine did not answer in time, and votes of which nobody knows. */
  unanswered: number;
  fewestOpen: number;
}

/** Answers one gate after the other at the rate, for as long as was asked. */
async function decideAll(sluice: Sluice, measured: Measured): Promise<void> {
  const end = Date.now() + MINUTES * 60_000;
  const gates = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  for (let count = 0; Date.now() < end; count += 1) {
    const due = end - MINUTES * 60_000 + (count * 60_000) / PER_MINUTE;
    await pause(Math.max(0, due - Date.now()));
    const run = `load-${count % RUNS}`;
    const gate = gates.get(run) ?? 0;
    gates.set(run, gate + 1);
    const ballot = { decision: `approval:GATE-${gate}`, option: 'approve', by: 'Approver' };
    const vote = measured.decide
      .time(() => sluice.decide(run, ballot))
      .then(() => {
        measured.decisions += 1;
      })
      .catch((error: unknown) => {
        if (!(error instanceof SluiceError)) throw error;
        measured.unanswered += 1;
      })
      .finally(() => underWay.delete(vote));
    underWay.add(vote);
  }
  await Promise.all(underWay);
}

/** What somebody sees who looks at the runs meanwhile, and the worker's memory. */
async function lookOn(
  sluice: Sluice,
  page: LoadPage,
  pid: number,
  measured: Measured,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    try {
      await measured.list.time(() => sluice.list());
      const { entries } = await measured.inbox.time(() => sluice.inbox('Approver'));
      measured.fewestOpen = Math.min(measured.fewestOpen, entries.length);
      for (const path of ['/', '/runs']) await measured.pages.time(() => page(path));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      measured.unanswered += 1;
    }
    measured.memory.add(residentMb(pid));
    await pause(LOOK_EVERY_MS);
  }
}

async function main(): Promise<void> {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, ${type()} ${release()}, Node ${process.version}`,
  );
  const engine = await startEngine('tuned');
  const { address, home } = engine;
  const env = { SLUICE_HOME: home, TEMPORAL_ADDRESS: address };
  const heap = values.heap === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${values.heap}` };
  const worker = await start('worker', { ...env, ...heap });
  const sluice = await connect({ address, home, env: {} });
  const fresh = residentMb(worker.pid);
  const begin = performance.now();
  await openAll(sluice);
  const opened = residentMb(worker.pid);
  const seconds = Math.round((performance.now() - begin) / 1_000);
  console.log(`${RUNS} runs of ${GATES} gates opened in ${seconds} s, each with one command carried out.`);
  const web = await start('web', env);
  const page = await openPages(web.said);
  // The first page waits for the engine; from then on the dashboard keeps what it shows up to date.
  await page('/');
  const measured: Measured = {
    ...{ decide: new Samples(), list: new Samples(), inbox: new Samples(), pages: new Samples() },
    ...{ memory: new Samples(), decisions: 0, unanswered: 0, fewestOpen: RUNS },
  };
  const { decide, list, inbox, pages, memory } = measured;
  const over = new AbortController();
  const looking = lookOn(sluice, page, worker.pid, measured, over.signal);
  await decideAll(sluice, measured);
  over.abort();
  await looking;
  console.log(`${measured.decisions} decisions in ${MINUTES} min, each followed by a command.`);
  console.log(`decide  ${decide}`);
  console.log(`list    ${list}`);
  console.log(`inbox   ${inbox}; at least ${measured.fewestOpen} open decisions in it`);
  console.log(`pages   ${pages}`);
  console.log(`memory of the dashboard: ${residentMb(web.pid)} MB`);
  console.log(
    `memory of the worker: ${fresh} MB at its start, ${opened} MB with all runs open, then ${memory.at(0.5)} MB in the middle, ${memory.at(1)} MB at most`,
  );
  if (measured.unanswered > 0) console.log(`${measured.unanswered} requests were not answered in time.`);
  const missed =
    measured.unanswered > 0 || [list, inbox, pages].some((samples) => samples.at(0.95) > GOAL_MS);
  console.log(`Goal, 95 % of list, inbox and pages within ${GOAL_MS} ms: ${missed ? 'MISSED' : 'met'}.`);
  await sluice.close();
  await stop(web);
  await stop(worker);
  await engine.stop();
  if (missed && values.strict) process.exitCode = 1;
}

await main();
