/**
 * The process of everything around the deployed services: the database, nginx, the traffic switch, the customers, the collector and
 * Slack. Each has an address of its own. One process, since that of Node takes more time to start than most of them use in a
 * trial, and a rehearsal opens dozens of shops.
 *
 * `POST /control` takes what the commands in `bin/` ask, as a form: the words of a command as `argument`, and as `folder` where
 * relative paths begin. It answers "yes " and what came of it, or "no " and why not. `SHOP_HOME/opened` is there once the shop is open.
 */
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { carryOut } from './control.mjs';
import { environmentOf, exportsOf, OPENED, readShop, shopHome, writeWhole } from './home.mjs';
import { prepare } from './prepare.mjs';
import { deployed, start, stop, untilHealthy } from './processes.mjs';
import { atEnd, identify, serve } from './service.mjs';

const home = shopHome();
await prepare(home, {
  badCart: process.env.SHOP_BAD_CART === '1',
  template: process.env.SHOP_TEMPLATE || null,
  owner: Number(process.env.SHOP_OWNER),
});
const self = identify('environment');

await import('./database.mjs');
atEnd(self, () => Promise.all(deployed(home).map((name) => stop(home, name))));
start(home, 'cart-service-v1');
await untilHealthy(home, 'cart-service-v1');
if (readShop(home).nginx !== null) {
  await import('./nginx.mjs');
  await untilHealthy(home, 'nginx');
}
await import('./slack.mjs');
await import('./traffic-switch.mjs');
await import('./load.mjs');
await import('./collector.mjs');

await serve(self, {
  version: 1,
  async handle(request, url, response) {
    if (request.method !== 'POST' || url.pathname !== '/control')
      return { status: 404, body: { error: 'POST /control' } };
    const form = new URLSearchParams(await text(request));
    const [verb, ...args] = form.getAll('argument');
    const answer = await carryOut(home, form.get('folder') ?? '.', verb, args).then(
      (seen) => `yes ${seen}`,
      (error) => `no ${error.message}`,
    );
    response.writeHead(200, { 'content-type': 'text/plain' }).end(answer);
    return null;
  },
});
writeWhole(join(home, OPENED), `${exportsOf(environmentOf(home))}\n`);
