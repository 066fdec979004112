/**
 * Keeps a copy of the record, with its signed head, outside of the host that wrote it. Each copy is the whole record as far
 * as it is written, so a repeat, or a later copy, replaces an earlier one and loses nothing.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { headFile, recordFile, safeName } from '../../strategy/layout.js';
import type { ArchiveTarget } from '../../strategy/plan.js';
import { eventOfLine } from '../../strategy/record/line.js';
import type { ArchiveJob } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { codeOf } from '../refusal.js';
import { resolveReferences, type SecretSource } from '../secrets.js';
import { folderArchive } from './folder.js';
import type { Archive } from './port.js';
import { openS3 } from './s3.js';

/** Copies the record and then its head, which so never vouches for more than is there. Throws a failure that says why it could not. */
export async function archiveRecord({ home, env }: Dependencies, job: ArchiveJob): Promise<void> {
  const { run, startedAt, target, workspace } = job;
  const file = recordFile(home, run);
  try {
    const record = await readFile(file);
    const head = await readIfThere(headFile(file));
    const archive = await open(target, { env, workspace });
    // A run's id may be used again once the engine has forgotten it: no record takes another one's place.
    const folder = `${safeName(run)}/${startedAt.replaceAll(/[-:.]/g, '')}`;
    await archive.put(`${folder}/${nameOf(record)}`, record);
    if (head !== null) await archive.put(`${folder}/record.head.json`, head);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw ApplicationFailure.retryable(why, 'RecordNotArchived');
  }
}

/** A record without its beginning, which lies on another host, stays apart from the one that has it. */
function nameOf(record: Buffer): string {
  const first = eventOfLine(record.subarray(0, record.indexOf('\n')).toString('utf8'));
  const from = first?.seq ?? 0;
  return from === 0 ? 'record.jsonl' : `record.from-${from}.jsonl`;
}

async function open(target: ArchiveTarget, source: SecretSource): Promise<Archive> {
  const text = (value: string): Promise<string> => resolveReferences(value, source);
  const orNull = async (value: string | null): Promise<string | null> =>
    value === null ? null : text(value);
  switch (target.kind) {
    case 'folder':
      return folderArchive(resolve(source.workspace, await text(target.folder)));
    case 's3': {
      const { credentials } = target;
      return openS3({
        kind: 's3',
        bucket: await text(target.bucket),
        prefix: await text(target.prefix),
        region: await orNull(target.region),
        endpoint: await orNull(target.endpoint),
        credentials:
          credentials === null
            ? null
            : {
                accessKeyId: await text(credentials.accessKeyId),
                secretAccessKey: await text(credentials.secretAccessKey),
              },
      });
    }
    default:
      return target satisfies never;
  }
}

async function readIfThere(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
}
