/**
 * The traffic switch: customers only ever talk to this address, and it passes each request on to `blue` or `green`.
 * `GET /-/upstream` says which; `PUT /-/upstream/COLOUR` switches, when that side is healthy. Requests that are under
 * way finish where they began. `GET /-/alarms/unhealthy` answers 200 when the side in use is down, else 404. The position is kept in SHOP_HOME/traffic, so it outlives this process.
 */
import { Agent, request as forward } from 'node:http';
import { join } from 'node:path';
import { readIfThere, readShop, writeWhole } from './home.mjs';
import { createCounters } from './metrics.mjs';
import { identify, serve } from './service.mjs';

const self = identify();
const positionFile = join(self.home, 'traffic');
const { ports } = readShop(self.home);
const sides = { blue: ports['cart-service-v1'], green: ports['cart-service-v2'] };
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const counters = createCounters();
let side = readIfThere(positionFile)?.trim() ?? 'blue';

await serve(self, {
  version: 1,
  counters,
  end: async () => agent.destroy(),
  async handle(request, url, response) {
    if (!url.pathname.startsWith('/-/')) return pass(request, response);
    if (request.method === 'GET' && url.pathname === '/-/upstream')
      return { status: 200, body: { upstream: side } };
    if (url.pathname === '/-/alarms/unhealthy') {
      const healthy = await isHealthy(sides[side]);
      return { status: healthy ? 404 : 200, body: { upstream: side, healthy } };
    }
    const wanted = /^\/-\/upstream\/(blue|green)$/.exec(url.pathname)?.[1];
    if (request.method !== 'PUT' || wanted === undefined)
      return { status: 404, body: { error: 'no such thing' } };
    if (!(await isHealthy(sides[wanted]))) {
      return { status: 409, body: { error: `${wanted} is not healthy; the traffic stays on ${side}` } };
    }
    side = wanted;
    writeWhole(positionFile, `${side}\n`);
    return { status: 200, body: { upstream: side } };
  },
});

function pass(request, response) {
  const upstream = side;
  const count = (status) => {
    counters.add('switch_requests_total', { upstream, status });
    if (status >= 500) counters.add('switch_errors_total', { upstream });
  };
  return new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port: sides[upstream],
      path: request.url,
      method: request.method,
      agent,
    };
    const send = () => {
      const onward = forward(options, (answer) => {
        count(answer.statusCode);
        response.writeHead(answer.statusCode, {
          'content-type': answer.headers['content-type'],
          'x-upstream': upstream,
        });
        answer.pipe(response);
        resolve(null);
      });
      onward.on('error', (error) => {
        if (response.headersSent) return response.destroy();
        // The other side closed a kept connection just then. A look at a cart changes nothing, so it is sent again.
        if (onward.reusedSocket && error.code === 'ECONNRESET' && request.method === 'GET') return send();
        console.error(`${request.method} ${request.url} to ${upstream}: ${error.message}`);
        count(502);
        resolve({ status: 502, body: { error: `${upstream}: ${error.message}` } });
      });
      if (request.method === 'GET') onward.end();
      else request.pipe(onward);
    };
    send();
  });
}

async function isHealthy(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    return false; // Nobody listens there.
  }
}
