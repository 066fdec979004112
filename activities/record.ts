/**
 * Writes the record out: one canonical JSON document per line, in the order of `seq`, each exactly once, each naming the
 * hash of the line before it; then its signed head. Both follow from what the file holds, so an attempt that was killed
 * anywhere is completed by the next one.
 */
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { recordFile } from '../strategy/layout.js';
import { eventOfLine, firstPrev, hashLine, recordLine } from '../strategy/record/line.js';
import type { RunEvent } from '../strategy/run/event.js';
import type { RecordJob } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { point } from './fault-points.js';
import { installationKey } from './installation-key.js';
import { writeHead } from './record-head.js';
import { codeOf } from './refusal.js';

/** Appends what is not there yet, and answers with the path. Throws a failure that tells why it could not. */
export async function writeRecord({ home }: Dependencies, job: RecordJob): Promise<string> {
  const file = recordFile(home, job.run);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const key = await installationKey(home);
    const written = await wholeLines(file);
    const added = chained(written.lines, job.events, key.id);
    point('before-record');
    const handle = await open(file, 'a', 0o600);
    try {
      // A line that was cut off by a full disk or a lost machine is written anew.
      await handle.truncate(written.bytes);
      await handle.appendFile(added.map((line) => `${line}\n`).join(''));
      await handle.sync();
      point('after-record');
    } finally {
      await handle.close();
    }
    await writeHead(key, job.run, file, [...written.lines, ...added]);
    return file;
  } catch (error) {
    throw ApplicationFailure.retryable(
      `The record ${file} cannot be written (${codeOf(error)}). Free some space or let the user of the worker write there; sluice retries.`,
      'RecordNotWritten',
    );
  }
}

/** The lines to add: the events after the last one of the file, chained to it. */
function chained(lines: readonly string[], events: readonly RunEvent[], keyId: string): readonly string[] {
  const last = lines.at(-1);
  const latest = last === undefined ? Number.NEGATIVE_INFINITY : seqOf(last);
  let prev = last === undefined ? originOf(events[0], keyId) : hashLine(last);
  return events
    .filter(({ seq }) => seq > latest)
    .map((event) => {
      const line = recordLine(event, prev);
      prev = hashLine(line);
      return line;
    });
}

/** Null where the run has its beginning on another host: this one cannot vouch for it. */
function originOf(first: RunEvent | undefined, keyId: string): string | null {
  return first?.type === 'run-started' ? firstPrev(first.plan, keyId) : null;
}

async function wholeLines(
  file: string,
): Promise<{ readonly lines: readonly string[]; readonly bytes: number }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').slice(0, -1);
  return { lines, bytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) };
}

function seqOf(line: string): number {
  const event = eventOfLine(line);
  if (event === null) throw new Error('its last line is not an event');
  return event.seq;
}
