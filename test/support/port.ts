/** Ports for servers that a test starts and that cannot choose one themselves. */
import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections (32768 and up), which would take one between the question and its use. */
const FIRST = 10_000;
const PER_PROCESS = 100;
let asked = 0;

/** A port of 127.0.0.1 that is free and that no other test process is given: each process has a range of its own. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PER_PROCESS; tries++) {
    const port = FIRST + (process.pid % 100) * PER_PROCESS + (asked++ % PER_PROCESS);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${FIRST} to ${FIRST + 100 * PER_PROCESS} is free.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
