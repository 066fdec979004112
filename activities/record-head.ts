/** Signs the head of a record: what its file holds now, so that a repeat after a crash signs the same. */
import { open, rename } from 'node:fs/promises';
import { headFile } from '../strategy/layout.js';
import {
  type Envelope,
  PAYLOAD_TYPE,
  type RecordHead,
  signedBytes,
  statementOf,
} from '../strategy/record/head.js';
import { eventOfLine, hashLine } from '../strategy/record/line.js';
import type { InstallationKey } from './installation-key.js';

/** Replaces the head beside the record as one; a record without its beginning, which lies on another host, gets none. */
export async function writeHead(
  key: InstallationKey,
  run: string,
  file: string,
  lines: readonly string[],
): Promise<void> {
  const head = headOf(run, lines);
  if (head === null) return;
  const path = headFile(file);
  const draft = `${path}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(envelope(key, statementOf(head)))}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}

function headOf(run: string, lines: readonly string[]): RecordHead | null {
  const started = eventOfLine(lines[0] ?? '');
  if (started?.type !== 'run-started') return null;
  const ended = lines
    .filter((line) => line.includes('"type":"run-ended"'))
    .map(eventOfLine)
    .findLast((event) => event?.type === 'run-ended');
  const closed = ended?.type === 'run-ended' ? ended : null;
  return {
    run,
    plan: started.plan,
    count: lines.length,
    head: hashLine(lines.at(-1) ?? ''),
    closedAt: closed?.at ?? null,
    landing: closed?.landing ?? null,
  };
}

function envelope(key: InstallationKey, statement: string): Envelope {
  return {
    payloadType: PAYLOAD_TYPE,
    payload: Buffer.from(statement).toString('base64'),
    signatures: [
      {
        keyid: key.id,
        sig: key.sign(signedBytes(PAYLOAD_TYPE, statement)),
        publicKey: key.publicKey,
      },
    ],
  };
}
