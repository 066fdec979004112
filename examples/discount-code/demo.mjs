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
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  conclude,
  environmentOfEngine,
  keepOpen,
  openDashboard,
  perform,
  runWithPeople,
  say,
} from '../stage.mjs';
import { beforeAfter, isSame } from './before-after.mjs';
import { readShop, urlOf } from './shop/home.mjs';
import { closeShop, openShop } from './shop/lifecycle.mjs';
import { INSTALL_NGINX } from './shop/proxy.mjs';
import { snapshot } from './shop/snapshot.mjs';
import { prepareSpecWorkspace } from './spec-workspace.mjs';

/** A day takes half a second. */
const COMPRESS = 172_800;
const ROLLED_BACK = 4;

const here = fileURLToPath(new URL('.', import.meta.url));
const { values: options } = parseArgs({
  options: {
    failure: { type: 'boolean' },
    watch: { type: 'boolean' },
    keep: { type: 'boolean' },
    spec: { type: 'string' },
  },
});
await perform('shop', options, { demonstrate, close: closeShop });

async function demonstrate(stage) {
  const { home } = stage;
  say('Opening the shop: Postgres, cart service v1, the traffic switch, customers.');
  const shop = await openShop(home, { badCart: options.failure ?? false });
  const { nginx } = readShop(home);
  if (nginx !== null) console.log(`  ${nginx} divides the traffic.`);
  else
    console.log(
      `  nginx is not here, so the traffic switch stands in for it. For the real one, ${INSTALL_NGINX}.`,
    );
  const environment = { ...(await environmentOfEngine(home)), ...shop };
  const before = await snapshot(home);
  const dashboard = await openDashboard(stage, environment, options.watch);
  // Interrupted meanwhile: a run that began now would act on a shop that is being closed.
  if (stage.interrupted) return false;

  const strategy = options.spec
    ? prepareSpecWorkspace(join(home, 'workspace'), options.spec)
    : join(here, 'migration-strategy.yaml');
  say(
    `sluice run ${options.spec ?? 'examples/discount-code/migration-strategy.yaml'}, a day takes half a second.`,
  );
  const code = await runWithPeople(
    [strategy, '--id', 'discount', '--compress', String(COMPRESS), '--as', 'rob'],
    environment,
  );
  if (stage.interrupted) return false;

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
  const succeeded = conclude(findings);
  await keepOpen(stage, dashboard);
  return succeeded;
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

/** The first line of a message, without Slack's own escapes. */
function plain(message) {
  return message.split('\n')[0].replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}
