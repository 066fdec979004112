/** A wire between a worker and the engine that can be cut: what was said meanwhile arrives late, or never. */
import { createConnection, createServer, type Socket } from 'node:net';

export interface Wire {
  readonly address: string;
  /** Nothing gets through any more. `drop` also breaks the connections, so that what was on its way is lost. */
  cut(drop: boolean): void;
  restore(): void;
  close(): Promise<void>;
}

/** @param target the port to forward to, asked for each connection; null while there is none */
export async function openWire(target: () => number | null): Promise<Wire> {
  const ends = new Set<Socket>();
  let waiting: Socket[] = [];
  let cut = false;
  const keep = (socket: Socket): void => {
    ends.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => ends.delete(socket));
    if (cut) socket.pause();
  };
  const join = (inner: Socket): void => {
    const port = target();
    if (port === null) {
      inner.destroy();
      return;
    }
    const outer = createConnection({ host: '127.0.0.1', port });
    keep(outer);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      // Not pipe(): it would resume what a cut has paused.
      from.on('data', (chunk) => {
        to.write(chunk);
      });
      from.on('close', () => to.destroy());
    }
    if (cut) for (const socket of [inner, outer]) socket.pause();
  };
  const server = createServer((inner) => {
    keep(inner);
    if (cut) waiting.push(inner);
    else join(inner);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    cut(drop) {
      cut = true;
      for (const socket of ends) {
        if (drop) socket.destroy();
        else socket.pause();
      }
    },
    restore() {
      cut = false;
      for (const inner of waiting.splice(0)) join(inner);
      waiting = [];
      for (const socket of ends) socket.resume();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of ends) socket.destroy();
      await closed;
    },
  };
}
