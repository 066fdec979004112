/**
 * A real pipe. What Node gives a child as a "pipe" is a socket, and `echo oops > /dev/stderr` fails on a socket
 * (ENXIO), so scripts that work everywhere else would break. A FIFO is a pipe.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';

export interface Pipe {
  readonly read: Socket;
  /** The descriptor for the child; to be closed here once the child has it. */
  readonly write: number;
}

/** Opens a pipe, by way of a name in the folder that is gone again afterwards. Throws when the folder cannot hold one. */
export function openPipe(folder: string): Pipe {
  const name = `${folder}/pipe.${process.pid}.${Math.random().toString(36).slice(2)}`;
  execFileSync('mkfifo', ['-m', '600', name], { stdio: 'ignore' });
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
