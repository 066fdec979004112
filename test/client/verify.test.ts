/** Every way in which a record can be tampered with is found, and told apart. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Dependencies } from '../../activities/dependencies.js';
import { installationKey } from '../../activities/installation-key.js';
import { writeRecord } from '../../activities/record.js';
import { recordedRun, recordHead, type VerifyOptions, verifyRecord } from '../../client/index.js';
import { findKey, newKey } from '../../client/keys.js';
import { sign } from '../../client/sign.js';
import type { VoterKeys } from '../../client/verify-votes.js';
import { voterKeys } from '../../client/voter-keys.js';
import { headFile, publicKeyFile, recordFile, signingKeyFile } from '../../strategy/layout.js';
import { NO_EVENTS, withEvent } from '../../strategy/record/events-hash.js';
import { firstPrev, hashLine, recordLine } from '../../strategy/record/line.js';
import type { Decision } from '../../strategy/run/decision.js';
import type { EventBody, RunEvent } from '../../strategy/run/event.js';
import { outlineOf } from '../../strategy/run/outline.js';
import { claimsOfVote } from '../../strategy/run/signed.js';
import { makePlace } from '../activities/support.js';
import { decision as sampleDecision } from '../cli/fixtures.js';
import { headOf } from '../strategy/run/sample.js';

const HALF_A_PAIR = 'cut off in \ud83d';
const BODIES: readonly EventBody[] = [
  {
    type: 'run-started',
    by: 'alice',
    plan: 'abc',
    steps: 2,
    compress: 1,
    onFailure: 'strategy',
    outline: outlineOf(headOf({ P: ['A', 'B'] })),
  },
  { type: 'undo-registered', phase: 'P', step: 'A' },
  { type: 'paused', by: 'bob', reason: HALF_A_PAIR },
  { type: 'resumed', by: 'bob', reason: null },
  { type: 'run-ended', status: 'aborted', landing: null, reason: 'Enough.' },
];
const EVENTS: readonly RunEvent[] = BODIES.map((body, seq) => ({
  seq,
  at: '2026-01-01T00:00:00.000Z',
  ...body,
}));

let folder = '';
let home = '';
let clients: Dependencies;
let file = '';
let whole = '';
let head = '';
const lines = () => whole.trimEnd().split('\n');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  ({ home, clients } = await makePlace());
  file = await writeRecord(clients, { run: 'r', events: EVENTS });
  whole = readFileSync(file, 'utf8');
  head = readFileSync(headFile(file), 'utf8');
});

async function kinds(options: Partial<VerifyOptions> = {}): Promise<readonly string[]> {
  const { ok, findings } = await verifyRecord(file, { home, ...options });
  expect(ok).toBe(findings.length === 0);
  return [...new Set(findings.map(({ kind }) => kind))].sort();
}

function rewrite(changed: readonly string[]): void {
  writeFileSync(file, changed.map((line) => `${line}\n`).join(''));
}

test('a record as it was written has no findings, and says who signed what', async () => {
  const { id } = await installationKey(home);
  expect(await verifyRecord(file, { home })).toMatchObject({
    ok: true,
    events: 5,
    keyId: id,
    signed: { run: 'r', plan: 'abc', count: 5, closedAt: '2026-01-01T00:00:00.000Z' },
  });
});

test('an ended run is still drawn from it, without what belongs to the chain', async () => {
  const recorded = await recordedRun(home, 'r');
  expect(recorded?.view.status).toBe('aborted');
  expect(recorded?.events[3]).toEqual(EVENTS[3]);
});

test('its head is what a notice can carry, and is found again', async () => {
  const noted = await recordHead(home, 'r');
  expect(noted?.count).toBe(5);
  expect(await kinds({ heads: [noted?.head ?? '', hashLine(lines()[1] ?? '')] })).toEqual([]);
  expect(await kinds({ heads: ['0'.repeat(64)] })).toEqual(['witness']);
});

describe('tampering', () => {
  test('one changed byte, of whatever class and in whatever line', async () => {
    for (const [number, line] of lines().entries()) {
      // A digit, a letter, a quote, a brace, the number of the event, the hash of the line before.
      const spots = [/\d/, /"at"/, /:/, /\}$/, /"seq":\d/, /"prev":"./].map((spot) => {
        const found = spot.exec(line);
        return found === null ? 0 : found.index + found[0].length - 1;
      });
      for (const spot of new Set(spots)) {
        const flipped = String.fromCharCode(line.charCodeAt(spot) ^ 1);
        rewrite(lines().with(number, line.slice(0, spot) + flipped + line.slice(spot + 1)));
        expect(await kinds(), `byte ${spot} of line ${number + 1}`).not.toEqual([]);
      }
    }
  });

  test('a changed value is said to be altered, with its line', async () => {
    for (const number of [1, 2, 3, 4]) {
      rewrite(lines().with(number, (lines()[number] ?? '').replace('2026', '2025')));
      const { findings } = await verifyRecord(file, { home });
      expect(findings.map(({ kind }) => kind)).toEqual(['altered']);
      // Of the last line only the head tells.
      expect(findings[0]?.line).toBe(number === 4 ? null : number + 1);
    }
  });

  test('white space that changes no value', async () => {
    rewrite(lines().with(2, (lines()[2] ?? '').replace(',', ', ')));
    expect(await kinds()).toEqual(['altered']);
  });

  test('a chain that was written anew from a changed line on', async () => {
    const { id } = await installationKey(home);
    let prev = firstPrev('abc', id);
    const anew = EVENTS.map((event) => {
      const line = recordLine({ ...event, at: '2027-01-01T00:00:00.000Z' }, prev);
      prev = hashLine(line);
      return line;
    });
    rewrite(anew);
    expect(await kinds()).toEqual(['altered']);
  });

  test('a line that was dropped, swapped, or put in twice', async () => {
    rewrite(lines().toSpliced(2, 1));
    expect(await kinds()).toEqual(['missing']);
    const [one = '', two = ''] = lines().slice(2, 4);
    rewrite(lines().toSpliced(2, 2, two, one));
    expect(await kinds()).toEqual(['order']);
    rewrite(lines().toSpliced(2, 0, lines()[2] ?? ''));
    expect(await kinds()).toEqual(['duplicate']);
    rewrite(lines().slice(1));
    expect(await kinds()).toEqual(['missing']);
  });

  test('an end that was cut off, also in the middle of a line', async () => {
    rewrite(lines().slice(0, 3));
    expect(await kinds()).toEqual(['truncated']);
    writeFileSync(file, whole.slice(0, -20));
    expect(await kinds()).toEqual(['truncated']);
    writeFileSync(file, '');
    expect(await kinds()).toEqual(['truncated']);
  });

  test('an event that was added, properly chained', async () => {
    const last = lines().at(-1) ?? '';
    const added: RunEvent = { seq: 5, at: '2026-01-02T00:00:00.000Z', type: 'continued' };
    rewrite([...lines(), recordLine(added, hashLine(last))]);
    expect(await kinds()).toEqual(['extended']);
  });

  test('a head that is missing, changed, or no head', async () => {
    rmSync(headFile(file));
    expect(await kinds()).toEqual(['unsigned']);
    const envelope: { payload: string } = JSON.parse(head);
    const statement = Buffer.from(envelope.payload, 'base64').toString().replace('"count":5', '"count":4');
    const payload = Buffer.from(statement).toString('base64');
    writeFileSync(headFile(file), JSON.stringify({ ...envelope, payload }));
    expect(await kinds()).toEqual(['signature']);
    writeFileSync(headFile(file), 'signed, honestly');
    expect(await kinds()).toEqual(['signature']);
  });

  test('a record of another plan under this head', async () => {
    const { id } = await installationKey(home);
    const [started] = EVENTS;
    if (started?.type !== 'run-started') throw new Error('the sample has no beginning');
    rewrite([recordLine({ ...started, plan: 'def' }, firstPrev('def', id)), ...lines().slice(1)]);
    expect(await kinds()).toContain('plan');
  });
});

describe('keys', () => {
  test('a record of another installation is foreign until its key is named', async () => {
    const other = await makePlace();
    await installationKey(other.home);
    expect(await kinds({ home: other.home })).toEqual(['foreign-key']);
    const { id } = await installationKey(home);
    expect(await kinds({ home: other.home, keys: [publicKeyFile(home, id)] })).toEqual([]);
  });

  test('a record and head forged with an own key, under the name of a known one, are foreign', async () => {
    const forger = await makePlace();
    const forged = await writeRecord(forger.clients, { run: 'r', events: EVENTS.slice(0, 4) });
    writeFileSync(file, readFileSync(forged));
    const { id } = await installationKey(home);
    writeFileSync(
      headFile(file),
      readFileSync(headFile(forged), 'utf8').replace(/"keyid":"\w+"/, `"keyid":"${id}"`),
    );
    expect(await kinds()).toEqual(['foreign-key']);
  });

  test('after the key was changed, old records hold and new ones are signed with the new key', async () => {
    const before = await installationKey(home);
    rmSync(signingKeyFile(home));
    expect(await kinds()).toEqual([]);
    const after = await installationKey(home);
    expect(after.id).not.toBe(before.id);
    const continued: RunEvent = { seq: 5, at: '2026-01-02T00:00:00.000Z', type: 'continued' };
    await writeRecord(clients, { run: 'r', events: [continued] });
    expect(await verifyRecord(file, { home })).toMatchObject({ ok: true, keyId: after.id, events: 6 });
  });
});

/** A record that begins with this line, and is continued and signed by this installation. */
async function continueFrom(first: string): Promise<void> {
  rewrite([first]);
  await writeRecord(clients, { run: 'r', events: EVENTS });
}

test('a beginning that another installation wrote is foreign, although the end is signed here', async () => {
  const [started] = EVENTS;
  if (started === undefined) throw new Error('the sample has no beginning');
  await continueFrom(recordLine(started, firstPrev('abc', '0'.repeat(64))));
  expect(await kinds()).toEqual(['foreign-key']);
});

test('a line that names a member twice, so that two readers may see two values, is no record line', async () => {
  const twice = (lines()[0] ?? '').replace('"by":"alice"', '"by":"mallory","by":"alice"');
  await continueFrom(twice);
  expect(await kinds()).toEqual(['altered']);
});

test('a worker killed between writing and signing is completed by the next attempt', async () => {
  const place = await makePlace();
  const record = await writeRecord(place.clients, { run: 'k', events: EVENTS.slice(0, 2) });
  const signedBefore = readFileSync(headFile(record));
  await writeRecord(place.clients, { run: 'k', events: EVENTS });
  const signedAfter = readFileSync(headFile(record));
  const written = readFileSync(record);
  writeFileSync(headFile(record), signedBefore);
  await writeRecord(place.clients, { run: 'k', events: EVENTS });
  expect(readFileSync(record)).toEqual(written);
  expect(readFileSync(headFile(record))).toEqual(signedAfter);
  expect(record).toBe(recordFile(place.home, 'k'));
});

test('many workers that start at once share one key, which only its owner can read', async () => {
  const place = await makePlace();
  const made = await Promise.all(Array.from({ length: 8 }, () => installationKey(place.home)));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect(statSync(signingKeyFile(place.home)).mode & 0o077).toBe(0);
});

describe('signed votes', () => {
  const decision: Decision = { ...sampleDecision(), id: 'approval:G', planHash: 'abc', evidenceHash: 'seen' };
  const place = { installation: 'shop', run: 'r', startedAt: EVENTS[0]?.at ?? '', planHash: 'abc' };

  /** The record of a vote of bob, signed with this key for this option, that the record tells as `approve`. */
  async function recordedVote(
    signer: string,
    option = 'approve',
    bound: { readonly recordHead?: string } = {},
    started = EVENTS.slice(0, 1),
  ): Promise<VoterKeys> {
    await rm(join(home, 'identities'), { recursive: true, force: true });
    for (const name of ['bob', 'mallory']) await newKey(home, name);
    const ballot = { decision: 'approval:G', option, by: 'bob', evidenceHash: 'seen', ...bound };
    const signed = await sign(await findKey(home, signer), 'vote', claimsOfVote(place, ballot));
    const at = new Date().toISOString();
    const vote = { by: 'bob', role: 'Lead', option: 'approve', reason: null, at } as const;
    const events: readonly RunEvent[] = [
      ...started,
      { seq: 1, at, type: 'decision-opened', decision: { ...decision, ...bound } },
      { seq: 2, at, type: 'vote-cast', decision: 'approval:G', vote, signed },
    ];
    rmSync(file);
    await writeRecord(clients, { run: 'r', events });
    return voterKeys(home);
  }

  test('hold for what the record says, and are not taken for verified without a key', async () => {
    const voters = await recordedVote('bob');
    expect(await verifyRecord(file, { home, voters })).toMatchObject({
      ok: true,
      votes: { signed: 1, verified: 1, unknown: [] },
    });
    expect(await verifyRecord(file, { home })).toMatchObject({
      ok: true,
      votes: { signed: 1, verified: 0, unknown: ['bob'] },
    });
  });

  test('that were signed for something else, or by somebody else, are found although the chain holds', async () => {
    const reject = await recordedVote('bob', 'reject');
    expect(await kinds({ voters: reject })).toEqual(['vote']);
    const forged = await recordedVote('mallory');
    const { findings } = await verifyRecord(file, { home, voters: { bob: forged.bob ?? [] } });
    expect(findings).toMatchObject([{ kind: 'vote', line: 3, message: expect.stringContaining('bob') }]);
  });

  test('are witnesses of what came before the question: a record written anew, properly chained, shows', async () => {
    const recordHead = EVENTS.slice(0, 1).reduce(withEvent, NO_EVENTS);
    expect(await kinds({ voters: await recordedVote('bob', 'approve', { recordHead }) })).toEqual([]);
    const told = EVENTS.slice(0, 1).map((event) => ({ ...event, by: 'somebody else' }));
    const voters = await recordedVote('bob', 'approve', { recordHead }, told);
    expect(await kinds({ voters })).toEqual(['altered']);
    // Who changes the hash as well cannot change what the voter signed.
    const signedFor = readFileSync(file, 'utf8').split('\n')[2];
    await recordedVote('bob', 'approve', { recordHead: told.reduce(withEvent, NO_EVENTS) }, told);
    const forged = readFileSync(file, 'utf8').split('\n');
    const { signed } = JSON.parse(signedFor ?? '{}');
    const [first = '', second = '', third = '{}'] = forged;
    const { prev: _, ...event } = { ...JSON.parse(third), signed };
    rewrite([first, second, recordLine(event, hashLine(second))]);
    expect(await kinds({ voters })).toContain('vote');
  });
});

test('the hash that notices carry is found in the record, and that of other events is not', async () => {
  const upTo = (events: readonly RunEvent[]) => events.reduce(withEvent, NO_EVENTS);
  expect(await kinds({ heads: [upTo(EVENTS.slice(0, 3)), upTo(EVENTS)] })).toEqual([]);
  expect(await kinds({ heads: [upTo(EVENTS.slice(1))] })).toEqual(['witness']);
});
