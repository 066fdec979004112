/** Where a command's output goes: through a pipe and the redactor into `output.log`. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Pipes } from '../../pipes.js';
import { Redactor } from '../../redact.js';
import { outputFile, type SupervisorRequest } from './job.js';

/** A left-behind service keeps the pipe open: the command's own output is in once the pipe was quiet this long. */
const QUIET_MS = 50;
const QUIET_AT_MOST_MS = 1_000;

export interface Output {
  /** What the command gets as its stdout and stderr. */
  readonly descriptor: number;
  /** The last writer, which may be a service that the command left behind, has closed its end. */
  readonly closed: Promise<void>;
  /** The child has the descriptor, or never will: ours is closed. */
  handedOver(): void;
  /** Resolves when all that the command itself printed is in the log. */
  settled(): Promise<void>;
  /** Why a part of the output is missing; null when none is. */
  lost(): string | null;
}

/**
 * The file itself is not given to the command: a script that says `echo oops > /dev/stderr` would open it anew and cut off
 * what was there. The pipe is read until its last writer has closed it, so that a service does not die of a broken pipe.
 * What was read is written before more is read, so memory stays flat however much a command prints.
 */
export async function openOutput(job: SupervisorRequest, pipes: Pipes): Promise<Output> {
  const { read, write } = await pipes.open();
  let file: number;
  try {
    file = openSync(outputFile(job.folder), 'a', 0o600);
  } catch (error) {
    closeSync(write);
    read.destroy();
    throw error;
  }
  const redactor = new Redactor(job.redact);
  let lost: string | null = null;
  let isClosed = false;
  let lastData = Date.now();
  const append = (bytes: Buffer): void => {
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
    } catch (error) {
      // The command must not hang because its output finds no room: keep reading, and report it.
      lost = reasonOf(error);
    }
  };
  read.on('data', (chunk: Buffer) => {
    lastData = Date.now();
    append(redactor.push(chunk));
  });
  read.on('error', (error) => {
    lost = reasonOf(error);
  });
  const closed = new Promise<void>((resolve) => {
    read.on('close', () => {
      isClosed = true;
      append(redactor.end());
      closeSync(file);
      resolve();
    });
  });
  return {
    descriptor: write,
    closed,
    handedOver: () => closeSync(write),
    settled: async () => {
      const begun = Date.now();
      const isQuiet = (): boolean => Date.now() - Math.max(lastData, begun) >= QUIET_MS;
      while (!isClosed && !isQuiet() && Date.now() - begun < QUIET_AT_MOST_MS) {
        await Promise.race([closed, pause(5)]);
      }
    },
    lost: () => lost,
  };
}

/** The message of an error, short enough for an exit record. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1_000);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
