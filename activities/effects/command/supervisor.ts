/**
 * The supervisor: one process per host that runs the commands of all its workers and writes down how they ended, so
 * that a worker may die, be replaced, and come back to the result. It is in a session of its own and outlives whatever
 * started it. A worker connects to its socket, sends one request, and hears of the claim and of the end; what counts is
 * on disk (see job.ts), and the supervisor does not care whether anybody listens.
 *
 * It leaves when it had nothing to do for a while, when it is told to (TERM), when another has taken its place, or when its home
 * is gone: it stops listening, and ends with the last command and the last pipe that one has left open. So whoever shuts
 * the machine down ends the commands, and the supervisor writes that down.
 *
 * Usage: node supervisor.js HOME NUMBER. Exits with 3 when it could not begin, with the reason on stderr. Imports only
 * Node's own modules, so that it starts quickly, and its environment holds no secret.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Pipes } from '../../pipes.js';
import { identify, type ProcessIdentity } from '../../processes.js';
import { isSupervisorRequest } from './job.js';
import { reasonOf } from './output.js';
import {
  announceSocket,
  claimPlace,
  holdsPlace,
  pipesFolder,
  placesFolder,
  removePlace,
  replaceEarlier,
} from './place.js';
import { supervise } from './supervise.js';

/** How long it waits for the next command. */
const IDLE_MS = 5 * 60_000;
const LOOK_MS = 1_000;
/** A request comes in one go; a worker that was frozen while it sent one must not keep the supervisor for ever. */
const REQUEST_MS = 30_000;
/** The longest path of a socket that every system takes; see unix(7). */
const SOCKET_PATH_BYTES = 100;

const [home = '', given = ''] = process.argv.slice(2);
const number = Number(given);
try {
  const self = identify(process.pid);
  if (self === null) throw new Error('This process is not in the process table.');
  if (claimPlace(home, number, self)) serve(self);
} catch (error) {
  process.stderr.write(reasonOf(error), () => process.exit(3));
}

function serve(self: ProcessIdentity): void {
  replaceEarlier(home, number);
  const pipes = new Pipes(pipesFolder(home, number));
  const socket = socketPath();
  let busy = 0;
  let idleSince = Date.now();
  let leaving = false;

  const server = createServer({ allowHalfOpen: true }, (connection) => {
    busy += 1;
    void answer(connection, self, pipes).finally(() => {
      busy -= 1;
      idleSince = Date.now();
      if (leaving) leave();
    });
  });
  const leave = (): void => {
    if (!leaving) server.close();
    leaving = true;
    if (busy > 0) return;
    removePlace(home, number);
    if (!socket.startsWith(home)) rmSync(dirname(socket), { recursive: true, force: true });
    process.exit(0);
  };

  server.on('error', (error) => process.stderr.write(reasonOf(error), () => process.exit(3)));
  // Only the user may connect. The commands get the mask back that was inherited.
  const mask = process.umask(0o177);
  server.listen(socket, () => announceSocket(home, number, socket));
  process.umask(mask);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave);
  setInterval(() => {
    const isIdle = busy === 0 && Date.now() - idleSince >= IDLE_MS;
    if (isIdle || !holdsPlace(home, number)) leave();
  }, LOOK_MS);
}

/** Beside its claim; in a folder of its own for temporary files when that path is too long. */
function socketPath(): string {
  const path = `${placesFolder(home)}/${number}.sock`;
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES) return path;
  return join(mkdtempSync(join(tmpdir(), 'sluice-')), 'socket');
}

/** Resolves when nothing is left to do for the request. Never rejects. */
async function answer(connection: Socket, self: ProcessIdentity, pipes: Pipes): Promise<void> {
  // The worker may go away at any moment; its command does not.
  connection.on('error', () => undefined);
  const tell = (line: string): boolean => connection.writable && connection.write(`${line}\n`);
  try {
    const request: unknown = JSON.parse(await textOf(connection));
    if (!isSupervisorRequest(request)) return;
    const claim = await supervise(request, self, pipes);
    if (claim.claim === 'taken') {
      tell('taken');
      return;
    }
    tell('claimed');
    await claim.recorded;
    connection.end('ended\n');
    await claim.over;
  } catch (error) {
    tell(`refused ${reasonOf(error)}`);
  } finally {
    connection.end();
  }
}

/** What the worker sends. One that did not arrive whole means that the worker died meanwhile: nothing must happen. */
async function textOf(connection: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  const timer = setTimeout(() => connection.destroy(), REQUEST_MS);
  try {
    for await (const chunk of connection.iterator({ destroyOnReturn: false }))
      chunks.push(Buffer.from(chunk));
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
