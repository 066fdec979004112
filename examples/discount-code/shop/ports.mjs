/** Ports for the processes of a shop. */
import { createServer } from 'node:net';

/** Below the ports that the system gives to outgoing connections, which would take one before its server listens. */
const FIRST_PORT = 20_000;
const BLOCKS = 1_200;
const PORTS_PER_BLOCK = 10;

/**
 * A free port for each name: a whole block, since a process that starts later, such as version 2, does not hold its port yet, and
 * only its neighbours tell that it is taken. Two processes that open a shop at once begin with different blocks.
 * @param {readonly string[]} names at most ten
 * @returns {Promise<Record<string, number>>}
 */
export async function freePorts(names) {
  for (let tries = 0; tries < BLOCKS; tries++) {
    const first = FIRST_PORT + ((process.pid + tries) % BLOCKS) * PORTS_PER_BLOCK;
    const ports = Array.from({ length: PORTS_PER_BLOCK }, (_, place) => first + place);
    const free = await Promise.all(ports.map(isFree));
    if (!free.includes(false)) return Object.fromEntries(names.map((name, place) => [name, ports[place]]));
  }
  throw new Error('No ten ports in a row are free from 20000 to 32000.');
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
