/** Starting and stopping the shop's processes: each is a daemon of its own, and outlives its parent. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askJson } from './ask.mjs';
import { readIfThere, remove, urlOf, writeWhole } from './home.mjs';
import { isAlive } from './service.mjs';

export const ENVIRONMENT = 'environment';
/** Longer than a process waits for what it has to end itself. */
const END_MS = 35_000;

/** The pid under this name, or null when no such process lives. */
export function pidOf(home, name) {
  const pid = Number(readIfThere(join(home, 'run', `${name}.pid`)) ?? 'none');
  return Number.isInteger(pid) && isAlive(pid) ? pid : null;
}

/** The names of all that run, sorted. */
export function running(home) {
  return readdirSync(join(home, 'run'))
    .filter((file) => file.endsWith('.pid'))
    .map((file) => file.slice(0, -'.pid'.length))
    .filter((name) => pidOf(home, name) !== null)
    .sort();
}

/** Those of them that serve customers: the others are their environment. */
export function deployed(home) {
  return running(home).filter((name) => name !== ENVIRONMENT);
}

const here = new URL('.', import.meta.url);

/** Starts `PROGRAM.mjs` of a folder under a name; does nothing when it runs already. `env`: more for its environment. */
export function start(home, name, { program = name, folder = here, env = {} } = {}) {
  if (pidOf(home, name) !== null) return false;
  mkdirSync(join(home, 'log'), { recursive: true });
  const log = openSync(join(home, 'log', `${name}.log`), 'a');
  const file = fileURLToPath(new URL(`${program}.mjs`, folder));
  const child = spawn(process.execPath, [file], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: home,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SHOP_HOME: home, SHOP_SERVICE: name, ...env },
  });
  child.unref();
  closeSync(log);
  // Written here and not by the child, so that a stop right after this start finds it.
  writeWhole(join(home, 'run', `${name}.pid`), String(child.pid));
  return true;
}

/** Ends a process and waits until it is gone; does nothing when it does not run. */
export async function stop(home, name) {
  const pid = pidOf(home, name);
  if (pid === null) return false;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + END_MS;
  // Its last act is to remove the pid file; the system may keep the name of a dead process for a while longer.
  while (pidOf(home, name) === pid) {
    if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
    await sleep(20);
  }
  remove(join(home, 'run', `${name}.pid`));
  return true;
}

/** What /health of a process answers, or null. */
export async function healthOf(home, name) {
  try {
    return await askJson(`${urlOf(home, name)}/health`, { timeoutMs: 2000 });
  } catch {
    return null; // Nobody listens there.
  }
}

/** Waits until the process answers; throws with the end of its log when it does not within the time. */
export async function untilHealthy(home, name, ms = 15_000) {
  await untilTrue(
    async () => (await healthOf(home, name)) !== null,
    ms,
    () => {
      return `${name} is not healthy after ${ms / 1000} s. The end of its log:\n${endOfLog(home, name)}`;
    },
  );
}

/** The last lines that a service printed. */
export function endOfLog(home, name) {
  const printed =
    readIfThere(join(home, 'log', `${name}.log`)) ?? readIfThere(join(home, 'log', `${ENVIRONMENT}.log`));
  return (printed ?? '').slice(-800);
}

/** Polls until the condition holds; throws `why()` when it does not within the time. */
export async function untilTrue(condition, ms, why) {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(why());
    await sleep(50);
  }
}
