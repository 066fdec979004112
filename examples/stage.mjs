/**
 * What the demos have in common: a temporary folder with an engine of its own, children that end with the demo, the dashboard, and
 * an end that leaves nothing behind, also after Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
export const sluice = join(root, 'bin', 'sluice');

const children = new Set();
const told = new Set();
const began = Date.now();

/**
 * Carries a demo out in a temporary folder, closes it, and exits: 0 when `demonstrate` resolves to true, 130 after Ctrl-C.
 * @param {string} name of the folder
 * @param {{ watch?: boolean, keep?: boolean }} options
 * @param {{ demonstrate(stage: object): Promise<boolean>, close(home: string): Promise<void> }} demo
 */
export async function perform(name, { watch, keep }, { demonstrate, close }) {
  if (!existsSync(join(root, 'dist', 'worker', 'binary.js'))) {
    console.error('sluice is not built here: run `npm ci` (it builds as well), then try again.');
    process.exit(5);
  }
  const home = mkdtempSync(join(tmpdir(), `${name}-`));
  const stage = { home, interrupted: false, untilInterrupted: Promise.resolve() };
  stage.untilInterrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (stage.interrupted) return;
        stage.interrupted = true;
        resolve();
        console.log('\nClosing the shop.');
        for (const child of children) interruptOnce(child);
      });
    }
  });
  let succeeded = false;
  try {
    succeeded = await demonstrate(stage);
  } catch (error) {
    console.error(`The demo broke off: ${error.message}`);
  } finally {
    await Promise.all([...children].map(end));
    await close(home);
    if (keep) console.log(`Kept: ${home}`);
    else rmSync(home, { recursive: true, force: true });
  }
  // With --watch, Ctrl-C is how it ends.
  process.exit(stage.interrupted && !(watch && succeeded) ? 130 : succeeded ? 0 : 1);
}

/**
 * Hosts the dashboard if it is wanted, with an engine and a worker that the run uses as well.
 * @returns its link; null when it is not wanted, or the demo was interrupted meanwhile
 */
export async function openDashboard(stage, environment, watch) {
  if (!watch || stage.interrupted) return null;
  say('Opening the dashboard: sluice up');
  let link = null;
  let isReady = () => undefined;
  const ready = new Promise((resolve) => {
    isReady = resolve;
  });
  const up = follow([sluice, 'up'], environment, '      | ', (line) => {
    link = /^Dashboard: (.+)/.exec(line)?.[1] ?? link;
    if (line.startsWith('Ready')) isReady(true);
  });
  const opened = await Promise.race([ready, up.ended.then(() => false)]);
  if (stage.interrupted) return null;
  if (!opened) throw new Error('`sluice up` ended before its dashboard was ready. What it said is above.');
  say(`Open the dashboard: ${link}`);
  return link;
}

/**
 * `sluice run` of a strategy, with the people who answer its questions.
 * @returns the exit code
 */
export async function runWithPeople(args, environment) {
  const program = fileURLToPath(new URL('discount-code/people.mjs', import.meta.url));
  const people = follow([program, sluice], environment, '      > ');
  const run = follow(
    [sluice, 'run', ...args],
    environment,
    '  ',
    // The bell for the people; without it they would look now and then only.
    (line) => /Decision needed/.test(line) && people.child.stdin.write('\n'),
  );
  const code = await run.ended;
  await end(people.child);
  return code;
}

/** Says what holds and what does not. @returns whether all of it holds */
export function conclude(findings) {
  for (const [holds, text] of findings) console.log(`  ${holds ? 'yes' : 'NO '}  ${text}`);
  say(`It took ${((Date.now() - began) / 1000).toFixed(0)} s.`);
  return findings.every(([holds]) => holds);
}

/** Until Ctrl-C, when there is a dashboard. */
export async function keepOpen(stage, dashboard) {
  if (dashboard === null) return;
  say(`The dashboard stays open: ${dashboard}\n   Press Ctrl-C to close the shop.`);
  await stage.untilInterrupted;
}

/**
 * An engine of its own, in the demo's folder; only the server's binary is shared, since to build it takes minutes. A
 * cluster that is configured here is left alone.
 */
export async function environmentOfEngine(home) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const { findBinary } = await import('../dist/worker/binary.js');
  const { homeFolder } = await import('../dist/strategy/layout.js');
  const binary = await findBinary({ home: homeFolder(process.env), env: process.env, log: say });
  const profile = join(home, 'temporal.toml');
  // Empty for all practical purposes: the reader of these files wants at least one profile.
  writeFileSync(profile, '[profile.default]\n');
  return {
    SLUICE_HOME: join(home, 'sluice'),
    ...Object.fromEntries(inherited),
    SLUICE_TEMPORAL_BIN: binary,
    TEMPORAL_CONFIG_FILE: profile,
  };
}

export function say(text) {
  console.log(`\n== ${text}`);
}

/** Starts a Node program and passes on what it says, line by line. */
function follow(args, environment, indent, heard = () => undefined) {
  // In a group of its own: Ctrl-C reaches it once, from here, and not a second time from the terminal.
  const child = spawn(process.execPath, args, { env: environment, stdio: 'pipe', detached: true });
  children.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      console.log(`${indent}${line}`);
      heard(line);
    });
  }
  // Who has ended hears nothing any more.
  child.stdin.on('error', () => undefined);
  const ended = new Promise((resolve) => child.once('close', resolve)).finally(() => children.delete(child));
  return { child, ended };
}

/** Ends a child and waits for it. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  interruptOnce(child);
  await gone;
}

/** A second SIGINT would tell sluice to quit at once, before its engine has ended. */
function interruptOnce(child) {
  if (told.has(child)) return;
  told.add(child);
  child.kill('SIGINT');
}
