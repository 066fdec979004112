/** What `bin/shop` does: `shop up` opens a shop and keeps it open; the rest acts on the one in SHOP_HOME. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf, exportsOf, shopHome, urlOf } from './home.mjs';
import * as trials from './trials.mjs';

const USAGE = `usage: shop up [--bad-cart]           open a shop, keep it open until Ctrl-C
       shop open [--owner PID] [--template FOLDER]
                                      open the one in SHOP_HOME, print its environment and return (it ends with the owner);
                                      template: one of many shops, with less traffic, whose first data are kept there
       shop close                     end every process of it
       shop env                       what a program needs in its environment to act on it
       shop snapshot                  schema, data, processes, traffic and flags, as JSON
       shop query SELECT...           one question to its database
       shop dump -t TABLE             what pg_dump prints
       shop kubectl ...               what kubectl does
       shop switch blue|green         where the traffic goes
       shop try CHECK [ARGUMENT...]   ${Object.keys(trials).join(', ')}
       shop prepare-spec FOLDER FILE  a workspace for a strategy that uses the specification's names`;

const ASKED = ['snapshot', 'query', 'dump', 'kubectl'];

const [verb, ...args] = process.argv.slice(2);
try {
  process.exitCode = (await act(verb, args)) ?? 0;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function act(verb, args) {
  if (verb === 'up') return void (await up(args.includes('--bad-cart')));
  if (verb === 'open') {
    const owner = Number(optionOf('--owner', args) ?? process.ppid);
    const template = optionOf('--template', args);
    const badCart = process.env.SHOP_BAD_CART === '1';
    const environment = await (await lifecycle()).openShop(shopHome(), { owner, badCart, template });
    console.log(exportsOf(environment));
    return 0;
  }
  if (verb === 'close') return void (await (await lifecycle()).closeShop(shopHome()));
  if (verb === 'env') return void console.log(exportsOf(environmentOf(shopHome())));
  if (verb === 'switch') return turn(args[0]);
  if (ASKED.includes(verb) || (verb === 'try' && Object.hasOwn(trials, args[0] ?? ''))) {
    const { carryOut } = await import('./control.mjs');
    return void console.log(await carryOut(shopHome(), '.', verb, args));
  }
  if (verb === 'prepare-spec' && args.length === 2) {
    const { prepareSpecWorkspace } = await import('../spec-workspace.mjs');
    return void prepareSpecWorkspace(args[0], args[1]);
  }
  console.error(USAGE);
  return 2;
}

function lifecycle() {
  return import('./lifecycle.mjs');
}

async function up(badCart) {
  const { openShop, closeShop } = await lifecycle();
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve);
  });
  const home = mkdtempSync(join(tmpdir(), 'shop-'));
  try {
    const environment = await openShop(home, { badCart });
    console.log(`The shop is open. In another terminal:\n\n${exportsOf(environment)}\n\nCtrl-C closes it.`);
    const staying = setInterval(() => undefined, 60_000);
    await interrupted;
    clearInterval(staying);
  } finally {
    await closeShop(home);
    rmSync(home, { recursive: true, force: true });
  }
}

/** Waits for that side to be up: the switch itself refuses one that is not. */
async function turn(side) {
  const patience = Date.now() + 10_000;
  for (;;) {
    const answer = await fetch(`${urlOf(shopHome(), 'traffic-switch')}/-/upstream/${side}`, {
      method: 'PUT',
    });
    const body = await answer.json();
    if (answer.ok) return void console.log(`the traffic goes to ${body.upstream}`);
    if (answer.status !== 409 || Date.now() > patience) throw new Error(body.error);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function optionOf(flag, args) {
  const at = args.indexOf(flag);
  return at === -1 ? null : (args[at + 1] ?? null);
}
