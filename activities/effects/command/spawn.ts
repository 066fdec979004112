/** Starts the supervisor of a job. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { point } from '../../fault-points.js';
import { isClaimed, type SupervisorRequest } from './job.js';

/**
 * Resolves when a supervisor has claimed the job, with null, or when ours ended without having done anything, with
 * the reason; `killed` when somebody ended it.
 */
export async function startSupervisor(order: SupervisorRequest): Promise<string | null> {
  point('before-spawn');
  const child = spawn(process.execPath, [supervisorFile()], {
    detached: true,
    cwd: '/',
    env: supervisorEnvironment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  let ended: string | null = null;
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-1_000);
  });
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('close', (code, signal) => {
    ended = signal !== null ? 'killed' : said || `the supervisor ended with ${code}`;
  });
  child.stdin.on('error', () => undefined); // It died before it read its order; `close` tells.
  child.stdin.end(JSON.stringify(order));
  point('after-spawn');
  // Nothing here keeps the worker from ending: the supervisor does not need it.
  child.unref();
  while (!isClaimed(order.folder, order.claim)) {
    if (ended !== null) return isClaimed(order.folder, order.claim) ? null : ended;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.stderr.destroy();
  return null;
}

/** The compiled program: beside this file, or under dist/ when this file is run from its source. */
function supervisorFile(): string {
  for (const place of ['./supervisor.js', '../../../dist/activities/effects/command/supervisor.js']) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new Error('activities/effects/command/supervisor.js is missing. Build sluice first: npm run build.');
}

/** What `mkfifo` and the chaos tests need; the command's own environment travels in the order. */
function supervisorEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of ['PATH', 'SLUICE_FAULTS']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
