/** What every process of the shop has in common: a port, /health, /metrics, a pid file, and an end. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { readShop, remove, shopHome } from './home.mjs';
import { createCounters } from './metrics.mjs';

/** Longer than any client of the shop keeps an idle connection: the server must not close one as a request comes in. */
const KEEP_ALIVE_MS = 120_000;

/** Who this process is: its parent names it. */
export function identify() {
  const home = shopHome();
  const name = process.env.SHOP_SERVICE ?? 'unnamed';
  return { home, name, port: readShop(home).ports[name] };
}

/** Ends the process when it is told to, or when the shop or its owner is gone: a shop leaves nothing behind. */
export function liveAndDie({ home, name }, end) {
  let ending = false;
  const finish = async () => {
    if (ending) return;
    ending = true;
    // Whatever hangs must not keep the process alive.
    setTimeout(() => process.exit(1), 10_000).unref();
    await end();
    remove(join(home, 'run', `${name}.pid`));
    process.exit(0);
  };
  process.on('SIGTERM', finish);
  process.on('SIGINT', finish);
  const owner = readShop(home).owner;
  setInterval(() => {
    if (!existsSync(join(home, 'shop.json')) || !isAlive(owner)) finish();
  }, 1000).unref();
}

/**
 * Serves until the end. `handle(request, url)` answers `{ status, body }`, or null when it has answered itself.
 * A request that is under way when the process is told to end is still answered.
 */
export async function serve(
  self,
  { version, handle, counters = createCounters(), end = async () => undefined },
) {
  const about = { name: self.name, version, pid: process.pid };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://shop');
    if (url.pathname === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(counters.text());
      return;
    }
    const answer =
      url.pathname === '/health'
        ? { status: 200, body: about }
        : await answerOf(handle, request, response, url);
    if (answer === null) return;
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer.body));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(self.port, '127.0.0.1', resolve);
  });
  liveAndDie(self, async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    // A connection that is kept alive falls idle only after its last answer.
    const hurry = setInterval(() => server.closeIdleConnections(), 20);
    await closed;
    clearInterval(hurry);
    await end();
  });
  return counters;
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function answerOf(handle, request, response, url) {
  try {
    return await handle(request, url, response);
  } catch (error) {
    console.error(`${request.method} ${url.pathname}: ${error.message}`);
    return response.headersSent ? null : { status: 500, body: { error: error.message } };
  }
}
