/** Writes the record out: one JSON document per line, in the order of `seq`, each exactly once. */
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { recordFile } from '../strategy/layout.js';
import type { RecordJob } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { point } from './fault-points.js';
import { codeOf } from './refusal.js';

/** Appends what is not there yet, and answers with the path. Throws a failure that tells why it could not. */
export async function writeRecord(dependencies: Dependencies, job: RecordJob): Promise<string> {
  const file = recordFile(dependencies.home, job.run);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const written = await wholeLines(file);
    const latest = lastSeq(written.text);
    const lines = job.events
      .filter((event) => event.seq > latest)
      .map((event) => `${JSON.stringify(event)}\n`);
    point('before-record');
    const handle = await open(file, 'a', 0o600);
    try {
      // A line that was cut off by a full disk or a lost machine is written anew.
      await handle.truncate(written.bytes);
      await handle.appendFile(lines.join(''));
      await handle.sync();
      point('after-record');
    } finally {
      await handle.close();
    }
    return file;
  } catch (error) {
    throw ApplicationFailure.retryable(
      `The record ${file} cannot be written (${codeOf(error)}). Free some space or let the user of the worker write there; sluice retries.`,
      'RecordNotWritten',
    );
  }
}

async function wholeLines(file: string): Promise<{ readonly text: string; readonly bytes: number }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return { text: whole, bytes: Buffer.byteLength(whole) };
}

function lastSeq(text: string): number {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  if (line === '') return Number.NEGATIVE_INFINITY;
  const event: unknown = JSON.parse(line);
  if (typeof event === 'object' && event !== null && 'seq' in event && typeof event.seq === 'number')
    return event.seq;
  throw new Error(`its last line is not an event`);
}
