/**
 * `npm run demo:data`: opens the shop, moves its orders into a database of their own while customers keep ordering, and compares
 * every write that a customer got acknowledged with what is there in the end.
 *
 * usage: node demo.mjs [--failure] [--watch] [--keep]
 *   --failure    the order service shows wrong amounts from the new database; everything goes back, with the orders written since
 *   --watch      host the dashboard meanwhile, and keep it open afterwards, until Ctrl-C
 *   --keep       leave the folder with logs, databases and the engine's data behind
 *
 * Exit code 0 only when the run ended as it should and no write is lost.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { beforeAfter, isSame } from '../discount-code/before-after.mjs';
import {
  conclude,
  environmentOfEngine,
  keepOpen,
  openDashboard,
  perform,
  runWithPeople,
  say,
} from '../stage.mjs';
import { closeShop, openShop } from './shop/lifecycle.mjs';
import { replicationIn, snapshot } from './shop/snapshot.mjs';
import { isComplete, verify } from './shop/verify.mjs';

/** A day takes half a second. */
const COMPRESS = 172_800;
const ROLLED_BACK = 4;

const strategy = fileURLToPath(new URL('migration-strategy.yaml', import.meta.url));
const { values: options } = parseArgs({
  options: { failure: { type: 'boolean' }, watch: { type: 'boolean' }, keep: { type: 'boolean' } },
});
await perform('orders', options, { demonstrate, close: closeShop });

async function demonstrate(stage) {
  const { home } = stage;
  say('Opening the shop: two Postgres servers, the order service, customers.');
  const shop = await openShop(home, { faulty: options.failure ?? false });
  const environment = { ...(await environmentOfEngine(home)), ...shop };
  const before = await snapshot(home);
  const dashboard = await openDashboard(stage, environment, options.watch);
  // Interrupted meanwhile: a run that began now would act on a shop that is being closed.
  if (stage.interrupted) return false;

  say('sluice run examples/orders-split/migration-strategy.yaml, a day takes half a second.');
  const code = await runWithPeople(
    [strategy, '--id', 'orders', '--compress', String(COMPRESS), '--as', 'rob'],
    environment,
  );
  if (stage.interrupted) return false;

  // Every request is answered before anything is compared.
  const seen = await (await fetch(`${shop.CUSTOMERS}/-/stop`, { method: 'POST' })).json();
  const after = await snapshot(home);
  say('The databases before and after:');
  for (const line of beforeAfter(before, after)) console.log(`  ${line}`);
  console.log('');
  console.log(
    `  customers: ${seen.requests} requests, ${seen.failures} failed, ${seen.wrong_answers} answered wrongly, the longest took ${seen.longest_ms} ms`,
  );
  for (const trouble of seen.first_troubles) console.log(`    ${trouble}`);
  const result = await verify(home, options.failure ? 'shop-db' : 'orders-db');
  for (const kind of ['missing', 'unexpected', 'different']) {
    for (const line of result[kind].slice(0, 5)) console.log(`    ${kind}: ${line}`);
  }
  const succeeded = conclude([
    ...(options.failure ? wayBack(code, before, after, seen) : wayThere(code, after, seen)),
    [
      isComplete(result) && result.writes === seen.writes,
      `no write is lost: ${result.rows} rows of ${result.database} compared with ${result.writes} acknowledged writes, ${seen.writes_in['orders-db']} of them acknowledged by orders-db`,
    ],
  ]);
  await keepOpen(stage, dashboard);
  return succeeded;
}

/** What must be true after the migration. */
function wayThere(code, after, seen) {
  return [
    [code === 0, `the run completed (exit code ${code})`],
    [after['order service'] === 'uses orders-db', 'the order service uses orders-db'],
    [replicationIn(after).length === 0, 'no publication, subscription, slot or trigger is left'],
    [seen.writes_in['orders-db'] > 0, 'customers ordered before and after the cut-over'],
    [seen.failures === 0, 'zero downtime: no request failed'],
    [seen.wrong_answers === 0, 'every order was shown as it was acknowledged'],
  ];
}

/** What must be true after the migration was taken back. */
function wayBack(code, before, after, seen) {
  return [
    [code === ROLLED_BACK, `the run was rolled back (exit code ${code})`],
    [
      seen.wrong_answers > 0,
      `customers met the fault: ${seen.wrong_answers} orders were shown with a wrong amount`,
    ],
    [seen.wrong_in['shop-db'] === 0, 'back in the old database, every order is shown as it was acknowledged'],
    [seen.writes_in['orders-db'] > 0, 'customers had ordered in the new database by then'],
    [seen.failures === 0, 'zero downtime: no request failed, on the way there or back'],
    [isSame(before, after), 'tables, triggers and replication of both databases are what they were before'],
  ];
}
