/**
 * `npm run demo`: opens the shop, runs the migration on the embedded engine while customers keep shopping, and
 * shows what changed. `npm run demo:failure`: the same with a faulty version 2, and shows that nothing did.
 *
 * usage: node demo.mjs [--failure] [--watch] [--keep] [--spec FILE]
 *   --failure    version 2 of the cart service fails once it has real traffic
 *   --watch      host the dashboard meanwhile, and keep it open afterwards, until Ctrl-C
 *   --keep       leave the folder with logs and the engine's data behind
 *   --spec FILE  instead of this example's strategy, one that uses the names of the specification's own example
 *
 * Exit code 0 only when the run ended as it should and the shop is as it should be.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { beforeAfter, isSame } from './before-after.mjs';
import { readShop, urlOf } from './shop/home.mjs';
import { closeShop, openShop } from './shop/lifecycle.mjs';
import { INSTALL_NGINX } from './shop/proxy.mjs';
import { snapshot } from './shop/snapshot.mjs';
import { prepareSpecWorkspace } from './spec-workspace.mjs';

/** A day takes a second. */
const COMPRESS = 172_800;
const ROLLED_BACK = 4;

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const sluice = join(root, 'bin', 'sluice');
const { values: options } = parseArgs({
  options: {
    failure: { type: 'boolean' },
    watch: { type: 'boolean' },
    keep: { type: 'boolean' },
    spec: { type: 'string' },
  },
});
if (!existsSync(join(root, 'dist', 'worker', 'binary.js'))) {
  console.error('sluice is not built here: run `npm ci` (it builds as well), then try again.');
  process.exit(5);
}

const began = Date.now();
const home = mkdtempSync(join(tmpdir(), 'shop-'));
const children = new Set();
const told = new Set();
let interrupted = false;
let interrupt = () => undefined;
const untilInterrupted = new Promise((resolve) => {
  interrupt = resolve;
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    interrupt();
    console.log('\nClosing the shop.');
    for (const child of children) interruptOnce(child);
  });
}

let succeeded = false;
try {
  succeeded = await demonstrate();
} catch (error) {
  console.error(`The demo broke off: ${error.message}`);
} finally {
  await Promise.all([...children].map(end));
  await closeShop(home);
  if (options.keep) console.log(`Kept: ${home}`);
  else rmSync(home, { recursive: true, force: true });
}
// With --watch, Ctrl-C is how it ends.
process.exit(interrupted && !(options.watch && succeeded) ? 130 : succeeded ? 0 : 1);

async function demonstrate() {
  say('Opening the shop: Postgres, cart service v1, the traffic switch, customers.');
  const shop = await openShop(home, { badCart: options.failure ?? false });
  const { nginx } = readShop(home);
  if (nginx !== null) console.log(`  ${nginx} divides the traffic.`);
  else
    console.log(
      `  nginx is not here, so the traffic switch stands in for it. For the real one, ${INSTALL_NGINX}.`,
    );
  const environment = { ...(await environmentOfEngine()), ...shop };
  const before = await snapshot(home);
  if (interrupted) return false;
  const dashboard = options.watch ? await openDashboard(environment) : null;
  // Interrupted meanwhile: a run that began now would act on a shop that is being closed.
  if (interrupted) return false;
  if (options.watch && dashboard === null) {
    throw new Error('`sluice up` ended before its dashboard was ready. What it said is above.');
  }

  const strategy = options.spec
    ? prepareSpecWorkspace(join(home, 'workspace'), options.spec)
    : join(here, 'migration-strategy.yaml');
  say(
    `sluice run ${options.spec ?? 'examples/discount-code/migration-strategy.yaml'}, a day takes half a second.`,
  );
  const people = follow([join(here, 'people.mjs'), sluice], environment, '      > ');
  const run = follow(
    [sluice, 'run', strategy, '--id', 'discount', '--compress', String(COMPRESS), '--as', 'rob'],
    environment,
    '  ',
    // The bell for the people; without it they would look every few seconds only.
    (line) => /Decision needed/.test(line) && people.child.stdin.write('\n'),
  );
  const code = await run.ended;
  await end(people.child);
  if (interrupted) return false;

  const after = await snapshot(home);
  const traffic = await (await fetch(`${urlOf(home, 'load')}/stats`)).json();
  say('The shop before and after:');
  for (const line of beforeAfter(before, after)) console.log(`  ${line}`);
  console.log('');
  console.log(
    `  live traffic: ${traffic.requests} requests, ${traffic.failures} failed, ${traffic.discounted} with a discount, ${traffic.calculation_errors} with a wrong total`,
  );
  for (const failure of traffic.first_failures) console.log(`    failed: ${failure}`);
  const heard = await (await fetch(`${urlOf(home, 'slack')}/messages`)).json();
  console.log(
    `  #shop heard ${heard.length} messages${heard.length === 0 ? '' : `; the last: ${plain(heard.at(-1))}`}`,
  );
  const findings = options.failure ? faultyRun(code, before, after, traffic) : goodRun(code, after, traffic);
  // The specification's own strategy has none of these.
  if (!options.spec) {
    findings.push([heard.length > 3, `the people were told in #shop (${heard.length} messages)`]);
    if (!options.failure)
      findings.push([after.config === 'codes are noted in the carts', 'codes are noted in the carts']);
  }
  for (const [holds, text] of findings) console.log(`  ${holds ? 'yes' : 'NO '}  ${text}`);
  say(`It took ${((Date.now() - began) / 1000).toFixed(0)} s.`);
  if (dashboard !== null) {
    say(`The dashboard stays open: ${dashboard}\n   Press Ctrl-C to close the shop.`);
    await untilInterrupted;
  }
  return findings.every(([holds]) => holds);
}

/** What must be true after the migration. */
function goodRun(code, after, traffic) {
  return [
    [code === 0, `the run completed (exit code ${code})`],
    [after.schema.some((line) => line.startsWith('discount_code ')), 'the columns are there'],
    [after.traffic === 'green', 'version 2 serves the customers'],
    [after.flags.includes('discount-enabled 100% of all'), 'everybody can use a code'],
    [traffic.discounted > 0 && traffic.calculation_errors === 0, 'codes are used, and every total is right'],
    [traffic.failures === 0, 'zero downtime: no request failed'],
  ];
}

/** What must be true after the migration was taken back. */
function faultyRun(code, before, after, traffic) {
  return [
    [code === ROLLED_BACK, `the run was rolled back (exit code ${code})`],
    [
      traffic.failures > 0,
      `real customers met the fault: ${traffic.failures} requests failed before the traffic was back`,
    ],
    [isSame(before, after), 'schema, data, processes, traffic, settings and flags are what they were before'],
  ];
}

/**
 * An engine of its own, in the shop's folder; only the server's binary is shared, since to build it takes minutes. A
 * cluster that is configured here is left alone.
 */
async function environmentOfEngine() {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const { findBinary } = await import('../../dist/worker/binary.js');
  const { homeFolder } = await import('../../dist/strategy/layout.js');
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

/** Hosts the dashboard, with an engine and a worker that the run uses as well. @returns its link; null when it ended before it was ready */
async function openDashboard(environment) {
  let link = null;
  let isReady = () => undefined;
  const ready = new Promise((resolve) => {
    isReady = resolve;
  });
  const up = follow([sluice, 'up'], environment, '      | ', (line) => {
    link = /^Dashboard: (.+)/.exec(line)?.[1] ?? link;
    if (line.startsWith('Ready')) isReady(true);
  });
  if (!(await Promise.race([ready, up.ended.then(() => false)]))) return null;
  say(`Open the dashboard: ${link}`);
  return link;
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

/** The first line of a message, without Slack's own escapes. */
function plain(message) {
  return message.split('\n')[0].replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}

function say(text) {
  console.log(`\n== ${text}`);
}
