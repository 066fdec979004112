/**
 * The traffic switch: customers only ever talk to this address. It counts, and passes each request on to nginx, which divides them
 * between `blue` (version 1) and `green` (version 2); where nginx is not installed, it divides them itself. Requests that are under
 * way finish where they began.
 *
 * `GET /-/upstream` says which side is used; `PUT /-/upstream/COLOUR` switches, when that side is healthy. `GET /-/alarms/unhealthy`
 * answers 200 when a side in use is down, else 404. `GET /-/stats` counts the requests and errors of each side.
 */
import { Agent, request as forward } from 'node:http';
import { ask } from './ask.mjs';
import { readShop } from './home.mjs';
import { createCounters } from './metrics.mjs';
import { position, turnTo, weights } from './proxy.mjs';
import { identify, serve } from './service.mjs';

/** Requests of a side by which its error rate is judged. */
const RECENT = 100;

const self = identify('traffic-switch');
const { ports, nginx } = readShop(self.home);
const sides = { blue: ports['cart-service-v1'], green: ports['cart-service-v2'] };
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const counters = createCounters();
const stats = { blue: { requests: 0, recent: [] }, green: { requests: 0, recent: [] } };
let turn = 0;

await serve(self, {
  version: 1,
  counters,
  end: async () => agent.destroy(),
  async handle(request, url, response) {
    if (!url.pathname.startsWith('/-/')) return pass(request, response);
    if (request.method === 'GET' && url.pathname === '/-/upstream')
      return { status: 200, body: { upstream: position(self.home) } };
    if (url.pathname === '/-/stats') return { status: 200, body: shownStats() };
    if (url.pathname === '/-/alarms/unhealthy') return alarm();
    const wanted = /^\/-\/upstream\/(blue|green)$/.exec(url.pathname)?.[1];
    if (request.method !== 'PUT' || wanted === undefined)
      return { status: 404, body: { error: 'no such thing' } };
    if (!(await isHealthy(sides[wanted]))) {
      const now = position(self.home);
      return { status: 409, body: { error: `${wanted} is not healthy; the traffic stays on ${now}` } };
    }
    if (position(self.home) !== wanted) await turnTo(self.home, wanted);
    return { status: 200, body: { upstream: wanted } };
  },
});

function pass(request, response) {
  const side = nginx === null ? choose() : null;
  return new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port: side === null ? ports.nginx : sides[side],
      path: request.url,
      method: request.method,
      agent,
    };
    const send = () => {
      const onward = forward(options, (answer) => {
        const upstream = side ?? sideOf(answer.headers['x-upstream']);
        count(upstream, answer.statusCode);
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
        console.error(`${request.method} ${request.url}: ${error.message}`);
        count(side ?? 'blue', 502);
        resolve({ status: 502, body: { error: error.message } });
      });
      if (request.method === 'GET') onward.end();
      else request.pipe(onward);
    };
    send();
  });
}

/** Evenly, by the weights of the moment. */
function choose() {
  const { blue, green } = weights(self.home);
  turn += 1;
  const share = green / (blue + green);
  return Math.floor(turn * share) > Math.floor((turn - 1) * share) ? 'green' : 'blue';
}

function sideOf(address) {
  return address?.endsWith(`:${sides.green}`) ? 'green' : 'blue';
}

function count(upstream, status) {
  const side = stats[upstream];
  side.requests += 1;
  side.recent.push(status >= 500);
  if (side.recent.length > RECENT) side.recent.shift();
  counters.add('switch_requests_total', { upstream, status });
  if (status >= 500) counters.add('switch_errors_total', { upstream });
}

function shownStats() {
  return Object.fromEntries(
    Object.entries(stats).map(([side, { requests, recent }]) => {
      const errors = recent.filter(Boolean).length;
      return [side, { requests, error_percent: recent.length === 0 ? 0 : (100 * errors) / recent.length }];
    }),
  );
}

async function alarm() {
  const used = Object.entries(weights(self.home)).filter(([, weight]) => weight > 0);
  const healthy = await Promise.all(used.map(([side]) => isHealthy(sides[side])));
  return { status: healthy.includes(false) ? 200 : 404, body: { upstream: position(self.home), healthy } };
}

async function isHealthy(port) {
  try {
    return (await ask(`http://127.0.0.1:${port}/health`)).status === 200;
  } catch {
    return false; // Nobody listens there.
  }
}
