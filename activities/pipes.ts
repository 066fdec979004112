/**
 * Real pipes for the output of commands. What Node gives a child as a "pipe" is a socket, and `echo oops > /dev/stderr`
 * fails on a socket (ENXIO), so scripts that work everywhere else would break. A FIFO is a pipe.
 *
 * Only `mkfifo` can make one, and starting it costs as much as a short command; so it makes a batch at a time, and the
 * next batch while the commands of the last one run. Only Node's own modules are imported.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Both ends of an open FIFO. */
interface Ends {
  readonly read: number;
  readonly write: number;
}

/** How many `takePipe` makes at a time: each holds two descriptors until it is taken. */
const OPEN = 16;

const open: Ends[] = [];
let opening: Promise<void> | null = null;

/** A pipe of this process, without a name. Throws when the folder for temporary files cannot hold one. */
export async function takePipe(): Promise<Pipe> {
  for (;;) {
    const ends = open.pop();
    if (ends !== undefined) return asPipe(ends);
    opening ??= openMore().finally(() => {
      opening = null;
    });
    await opening;
  }
}

async function openMore(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-pipes-'));
  try {
    const names = Array.from({ length: OPEN }, (_, index) => join(folder, String(index)));
    await makeFifos(names);
    for (const name of names) open.push(openFifo(name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
    return asPipe(openFifo(name));
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

function asPipe({ read, write }: Ends): Pipe {
  return { read: new Socket({ fd: read, readable: true, writable: false }), write };
}

/** Opens both ends and removes the name. */
function openFifo(name: string): Ends {
  try {
    // Non-blocking, or opening would wait for a writer.
    const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return { read, write: openSync(name, constants.O_WRONLY) };
    } catch (error) {
      closeSync(read);
      throw error;
    }
  } finally {
    unlinkSync(name);
  }
}
