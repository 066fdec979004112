/** The record is kept outside of its host, whole and signed, and what stands in the way is said. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveRecord } from '../../../activities/archive/archive.js';
import { writeRecord } from '../../../activities/record.js';
import { verifyRecord } from '../../../client/verify.js';
import type { ArchiveTarget } from '../../../strategy/plan.js';
import type { RunEvent } from '../../../strategy/run/event.js';
import { outlineOf } from '../../../strategy/run/outline.js';
import { headOf } from '../../strategy/run/sample.js';
import { freePort } from '../../support/port.js';
import { ACCESS, openStore, type Store } from '../../support/s3.js';
import { makePlace, type Place } from '../support.js';

const startedAt = '2026-01-01T00:00:00.000Z';
const started: RunEvent = {
  seq: 0,
  at: startedAt,
  type: 'run-started',
  by: 'alice',
  plan: 'abc',
  steps: 1,
  compress: 1,
  onFailure: 'strategy',
  outline: outlineOf(headOf({ P: ['A'] })),
};
const FOLDER = 'r/20260101T000000000Z';

let store: Store;
beforeAll(async () => {
  store = await openStore('records');
});
afterAll(() => store.close());

const s3 = (given: Partial<Extract<ArchiveTarget, { kind: 's3' }>> = {}): ArchiveTarget => ({
  kind: 's3',
  bucket: 'records',
  prefix: 'sluice/',
  region: null,
  endpoint: store.endpoint,
  credentials: { accessKeyId: '${env:ARCHIVE_KEY}', secretAccessKey: '${env:ARCHIVE_SECRET}' },
  ...given,
});

const place = (secret = ACCESS.secret): Promise<Place> =>
  makePlace({}, { ARCHIVE_KEY: ACCESS.id, ARCHIVE_SECRET: secret });
const keep = ({ clients, workspace }: Place, target: ArchiveTarget) =>
  archiveRecord(clients, { run: 'r', startedAt, workspace, target });
const write = ({ clients }: Place, events: readonly RunEvent[] = [started]) =>
  writeRecord(clients, { run: 'r', events });

test('a folder gets the record and its head, and the longer one in its place later', async () => {
  const here = await place();
  const target: ArchiveTarget = { kind: 'folder', folder: 'kept' };
  await write(here);
  await keep(here, target);
  await write(here, [{ seq: 1, at: startedAt, type: 'continued' }]);
  await keep(here, target);
  const copy = join(here.workspace, 'kept', FOLDER, 'record.jsonl');
  expect(await verifyRecord(copy, { home: here.home })).toMatchObject({ ok: true, events: 2 });
});

test('a store gets both, signed by what the references stand for, and they verify where they are read', async () => {
  const here = await place();
  await write(here);
  await keep(here, s3());
  const folder = mkdtempSync(join(here.workspace, 'read-'));
  for (const name of ['record.jsonl', 'record.head.json']) {
    writeFileSync(join(folder, name), store.objects.get(`records/sluice/${FOLDER}/${name}`) ?? '');
  }
  expect(await verifyRecord(join(folder, 'record.jsonl'), { home: here.home })).toMatchObject({ ok: true });
});

const GATEWAY = spawnSync('versitygw', ['--version']).error === undefined;

test.skipIf(!GATEWAY)('versitygw, a store that others wrote, takes it as well', async () => {
  const here = await place();
  await write(here);
  const disk = join(here.workspace, 'disk');
  mkdirSync(join(disk, 'records'), { recursive: true });
  const port = await freePort();
  const gateway = spawn(
    'versitygw',
    ['--access', ACCESS.id, '--secret', ACCESS.secret, '--port', `127.0.0.1:${port}`, 'posix', disk],
    { stdio: 'ignore' },
  );
  try {
    const target = s3({ endpoint: `http://127.0.0.1:${port}` });
    await expect.poll(() => keep(here, target).catch(String), { timeout: 20_000 }).toBeUndefined();
    const copy = join(disk, 'records', 'sluice', FOLDER, 'record.jsonl');
    expect(await verifyRecord(copy, { home: here.home })).toMatchObject({ ok: true });
    const wrong = await place('another secret');
    await write(wrong);
    await expect(keep(wrong, target)).rejects.toThrow('SignatureDoesNotMatch');
  } finally {
    const gone = new Promise((done) => gateway.once('exit', done));
    gateway.kill('SIGKILL');
    await gone;
  }
});

test('what a store refuses, or that nobody answers, is said with the place, and no secret', async () => {
  const wrong = await place('another secret');
  await write(wrong);
  await expect(keep(wrong, s3())).rejects.toThrow(
    /^s3:\/\/records\/sluice\/r\/.*\/record\.jsonl cannot be written: SignatureDoesNotMatch/,
  );
  const here = await place();
  await write(here);
  await expect(keep(here, s3({ bucket: 'other' }))).rejects.toThrow('NoSuchBucket');
  await expect(keep(here, s3({ endpoint: 'http://127.0.0.1:1' }))).rejects.toThrow('ECONNREFUSED');
  store.failNext(1);
  await expect(keep(here, s3())).rejects.toThrow('SlowDown');
  await expect(keep(await place(), s3())).rejects.toThrow('ENOENT');
});

test('a part of a record that begins elsewhere takes no whole one’s place', async () => {
  const here = await place();
  await write(here, [{ seq: 7, at: startedAt, type: 'continued' }]);
  await keep(here, { kind: 'folder', folder: 'kept' });
  const kept = readFileSync(join(here.workspace, 'kept', FOLDER, 'record.from-7.jsonl'), 'utf8');
  expect(kept).toContain('"seq":7');
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is named', async () => {
  const here = await place();
  await write(here);
  mkdirSync(join(here.workspace, 'kept'));
  chmodSync(join(here.workspace, 'kept'), 0o500);
  await expect(keep(here, { kind: 'folder', folder: 'kept' })).rejects.toThrow('EACCES');
});

test('a folder in whose way a file lies is named', async () => {
  const here = await place();
  await write(here);
  writeFileSync(join(here.workspace, 'kept'), '');
  await expect(keep(here, { kind: 'folder', folder: 'kept' })).rejects.toThrow(
    /kept.*record\.jsonl cannot be written \(E/,
  );
});
