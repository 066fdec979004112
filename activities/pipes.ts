/**
 * Real pipes for the output of commands. What Node gives a child as a "pipe" is a socket, and `echo oops > /dev/stderr`
 * fails on a socket (ENXIO), so scripts that work everywhere else would break. A FIFO is a pipe.
 *
 * Only `mkfifo` can make one, and starting it costs as much as a short command; so it makes a batch at a time, and the
 * next batch while the commands of the last one run. Only Node's own modules are imported.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

const BATCH = 32;
/** The next batch is made when so few are left. */
const FEW = 8;

export interface Pipe {
  readonly read: Socket;
  /** The descriptor for the child; to be closed here once the child has it. */
  readonly write: number;
}

/** Makes one pipe, by way of a name in the folder that is gone afterwards. Throws when the folder cannot hold one. */
export async function makePipe(folder: string): Promise<Pipe> {
  const name = `${folder}/pipe.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await makeFifos([name]);
  return openFifo(name);
}

/** A stock of FIFOs in a folder of its own. */
export class Pipes {
  readonly #folder: string;
  readonly #names: string[] = [];
  #made = 0;
  #filling: Promise<void> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens a pipe whose name is gone afterwards. Throws when the folder cannot hold one. */
  async open(): Promise<Pipe> {
    while (this.#names.length === 0) await this.#fill();
    const name = this.#names.pop() ?? '';
    // A batch that cannot be made now is made, or told of, when it is needed.
    if (this.#names.length < FEW) this.#fill().catch(() => undefined);
    return openFifo(name);
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#make().finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  async #make(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const names = Array.from({ length: BATCH }, () => `${this.#folder}/${process.pid}-${++this.#made}`);
    await makeFifos(names);
    this.#names.push(...names);
  }
}

async function makeFifos(names: readonly string[]): Promise<void> {
  await run('mkfifo', ['-m', '600', ...names]);
}

/** Opens both ends and removes the name. */
function openFifo(name: string): Pipe {
  try {
    // Non-blocking, or opening would wait for a writer.
    const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const write = openSync(name, constants.O_WRONLY);
      return { read: new Socket({ fd: read, readable: true, writable: false }), write };
    } catch (error) {
      closeSync(read);
      throw error;
    }
  } finally {
    unlinkSync(name);
  }
}
