import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import { type Checked, connect, readStrategy, type Sluice, SluiceError } from '../../client/index.js';
import { planFile, recordFile } from '../../strategy/layout.js';
import type { RunEvent } from '../../strategy/run/event.js';
import { outlineOf } from '../../strategy/run/outline.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { openClient } from '../support/temporal.js';
import { type StubWorker, startStubWorker } from './stub-worker.js';

const taskQueue = `client-${randomUUID()}`;
let home = '';
let sluice: Sluice;
let worker: StubWorker | null = null;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-client-'));
  sluice = await connect({ address: inject('engine'), home, taskQueue, env: {} });
  await work();
});

afterAll(async () => {
  await rest();
  await sluice?.close();
  rmSync(home, { recursive: true, force: true });
});

test('the same id and plan attach; another plan, or an id that was used, is refused', async () => {
  const { plan, workspace } = await gated('one');
  const other = await gated('two');
  const first = await sluice.submit(plan, { workspace, by: 'alice', id: newId() });
  expect(first.attached).toBe(false);
  expect(await sluice.submit(plan, { workspace, by: 'bob', id: first.run })).toEqual({
    run: first.run,
    attached: true,
  });
  const taken = sluice.submit(other.plan, { workspace, by: 'alice', id: first.run });
  await expect(taken).rejects.toMatchObject({
    code: 'run-exists',
    message: expect.stringContaining('already running'),
  });
  await gateOpen(first.run);
  await approve(first.run);
  await ended(first.run);
  const again = sluice.submit(plan, { workspace, by: 'alice', id: first.run });
  await expect(again).rejects.toMatchObject({
    code: 'run-exists',
    message: expect.stringContaining('has ended'),
  });
});

test('an id whose record is on this host is refused, also when the engine no longer knows the run', async () => {
  const { plan, workspace } = await gated('forgotten');
  const id = newId();
  mkdirSync(dirname(recordFile(home, id)), { recursive: true });
  const at = '2026-01-01T00:00:00.000Z';
  const record: readonly RunEvent[] = [
    {
      seq: 0,
      at,
      type: 'run-started',
      by: 'alice',
      plan: plan.hash,
      steps: 1,
      compress: 1,
      onFailure: 'strategy',
      outline: outlineOf(plan),
    },
    { seq: 1, at, type: 'run-ended', status: 'completed', landing: null, reason: 'Done.' },
  ];
  writeFileSync(recordFile(home, id), record.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await expect(sluice.submit(plan, { workspace, by: 'alice', id })).rejects.toMatchObject({
    code: 'run-exists',
  });
  expect(await sluice.hasRun(id)).toBe(false);
});

test('an id that is no id is refused, and a made one is readable', async () => {
  const { plan, workspace } = await gated('Ünsinkable Ship!');
  for (const id of ['', '../x', 'a b', '-x', 'x'.repeat(101)]) {
    await expect(sluice.submit(plan, { workspace, by: 'alice', id })).rejects.toMatchObject({
      code: 'bad-run-id',
    });
  }
  const { run } = await sluice.submit(plan, { workspace, by: 'alice' });
  expect(run).toMatch(/^u-nsinkable-ship-\d{8}-\d{6}-[a-z0-9]{4}$|^unsinkable-ship-\d{8}-\d{6}-[a-z0-9]{4}$/);
  await sluice.command(run, { command: 'abort', by: 'Lead' });
});

test('a wrong vote is refused with the reason and changes nothing; a right one counts; an ended run says so', async () => {
  const run = await waiting('votes');
  const wrong = sluice.decide(run, { decision: 'approval:GATE-1', option: 'approve', by: 'mallory' });
  await expect(wrong).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('mallory does not hold'),
  });
  expect((await sluice.decisions(run)).map(({ votes }) => votes)).toEqual([[]]);
  await approve(run);
  expect((await ended(run)).status).toBe('completed');
  await expect(approve(run)).rejects.toMatchObject({ code: 'run-ended' });
  await expect(approve('no-such-run')).rejects.toMatchObject({ code: 'no-run' });
  expect(await sluice.decisions(run)).toEqual([]);
});

test('a live run is reported as far as it is', async () => {
  const run = await waiting('reported');
  expect(await sluice.report(run)).toMatchObject({
    view: { run, status: 'waiting' },
    decisions: [{ decision: { id: 'approval:GATE-1' }, closedAt: null, option: null }],
    record: null,
  });
  await expect(sluice.report('no-such-run')).rejects.toMatchObject({ code: 'no-run' });
  await sluice.command(run, { command: 'abort', by: 'Lead' });
});

test('a vote sent twice under one id counts once and is no error', async () => {
  const run = await waiting('twice', ['Lead', 'Owner']);
  const vote = () =>
    sluice.decide(
      run,
      { decision: 'approval:GATE-1', option: 'approve', by: 'Lead' },
      { updateId: 'vote-1' },
    );
  await vote();
  await vote();
  expect((await sluice.decisions(run)).map(({ votes }) => votes.length)).toEqual([1]);
  await sluice.command(run, { command: 'abort', by: 'Lead' });
});

test('without a worker no vote counts, and the list and the inbox are whole all the same', async () => {
  const over = await waiting('over');
  await approve(over);
  await ended(over);
  const run = await waiting('open');
  await rest();
  const waits: number[] = [];
  const vote = { decision: 'approval:GATE-1', option: 'approve', by: 'Lead' };
  await expect(
    sluice.decide(run, vote, { onWaiting: (seconds) => waits.push(seconds) }),
  ).rejects.toMatchObject({
    code: 'no-worker',
    message: expect.stringContaining('nothing was recorded'),
  });
  // Its voter hears once that it waits, and for how long.
  expect(waits).toEqual([expect.any(Number)]);
  expect((await sluice.view(over)).status).toBe('completed');
  const listed = await sluice.list();
  expect(listed.find((found) => found.run === over)).toMatchObject({ status: 'completed', strategy: 'over' });
  expect(listed.find((found) => found.run === run)).toMatchObject({
    status: 'waiting',
    strategy: 'open',
    submittedBy: 'alice',
    decisions: ['approval:GATE-1'],
  });
  expect((await sluice.inbox()).entries.map((entry) => entry.run)).toContain(run);
  await work();
  expect((await sluice.decisions(run)).map(({ votes }) => votes)).toEqual([[]]);
  await approve(run);
  await ended(run);
});

test('a vote after its instant is refused and leaves no trace', async () => {
  const run = await waiting('late');
  const { client, connection } = await openClient();
  const ballot = {
    decision: 'approval:GATE-1',
    option: 'approve',
    by: 'Lead',
    validUntil: '2026-01-01T00:00:00Z',
  };
  await expect(
    client.workflow.getHandle(run).executeUpdate('decide', { args: [ballot] }),
  ).rejects.toMatchObject({
    cause: { type: 'Expired', message: expect.stringContaining('expired at 2026-01-01T00:00:00Z') },
  });
  await connection.close();
  expect((await sluice.events(run)).filter(({ type }) => type === 'message-refused')).toEqual([]);
  expect((await sluice.decisions(run)).map(({ votes }) => votes)).toEqual([[]]);
  await sluice.command(run, { command: 'abort', by: 'Lead' });
});

test('votes and commands of a host whose clock is an hour slow count all the same', async () => {
  const run = await waiting('slow-clock');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  try {
    await sluice.command(run, { command: 'pause', by: 'Lead' });
    await sluice.command(run, { command: 'resume', by: 'Lead' });
    await approve(run);
  } finally {
    vi.useRealTimers();
  }
  expect((await ended(run)).status).toBe('completed');
});

test('following yields every event once and in order, also over a worker that comes only later', async () => {
  const { plan, workspace } = await gated('followed');
  await rest();
  const { run } = await sluice.submit(plan, { workspace, by: 'alice' });
  const troubles: (string | null)[] = [];
  const seen: RunEvent[] = [];
  const following = (async () => {
    for await (const event of sluice.follow(run, {
      onTrouble: (trouble) => troubles.push(trouble?.code ?? null),
    })) {
      seen.push(event);
      if (event.type === 'decision-opened') await approve(run);
    }
  })();
  await expect.poll(() => troubles.length).toBe(1);
  await work();
  await following;
  expect(troubles.at(-1)).toBeNull();
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + (seen[0]?.seq ?? 0)));
  expect(seen[0]?.type).toBe('run-started');
  expect(seen.at(-1)?.type).toBe('run-ended');
  expect(await sluice.events(run)).toEqual(seen);
  expect(await sluice.events(run, 3)).toEqual(seen.filter(({ seq }) => seq >= 3));
});

test('following ends when it is told to', async () => {
  const run = await waiting('unfollowed');
  const stop = new AbortController();
  for await (const event of sluice.follow(run, { signal: stop.signal }))
    if (event.type === 'decision-opened') stop.abort();
  await sluice.command(run, { command: 'abort', by: 'Lead' });
  expect((await ended(run)).status).toBe('aborted');
});

test('watching yields the view as it changes, over a worker that is replaced, and ends with the run', async () => {
  const run = await waiting('watched');
  const seen: MigrationView[] = [];
  const watching = (async () => {
    for await (const view of sluice.watch(run)) seen.push(view);
  })();
  await expect.poll(() => seen.at(-1)?.status).toBe('waiting');
  await rest();
  // The run is open until its record is written, and so its last view is seen once before and once after its end.
  await work({
    writeRecord: async () => {
      await expect.poll(() => seen.at(-1)?.status).toBe('completed');
      return 'record.jsonl';
    },
  });
  await approve(run);
  await watching;
  expect(seen.at(-1)?.status).toBe('completed');
  const seqs = seen.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
});

test('a vote for evidence that has changed is refused, one for what is shown counts', async () => {
  const run = await waiting('bound');
  const [decision] = await sluice.decisions(run);
  const ballot = { decision: 'approval:GATE-1', option: 'approve', by: 'Lead' };
  await expect(sluice.decide(run, { ...ballot, evidenceHash: '0'.repeat(64) })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('has changed since this vote'),
  });
  await sluice.decide(run, { ...ballot, evidenceHash: decision?.evidenceHash });
  expect((await ended(run)).status).toBe('completed');
});

test('ids that start alike are told apart', async () => {
  const { plan, workspace } = await gated('alike');
  const id = newId();
  await sluice.submit(plan, { workspace, by: 'alice', id: `${id}0` });
  expect(await sluice.hasRun(id)).toBe(false);
  expect(await sluice.hasRun(`${id}0`)).toBe(true);
  await expect.poll(() => sluice.findRuns(id)).toEqual([`${id}0`]);
  await gateOpen(`${id}0`);
  await sluice.command(`${id}0`, { command: 'abort', by: 'Lead' });
});

test('the inbox shows each what they may decide', async () => {
  const run = await waiting('inbox', ['Lead', 'Owner']);
  const ids = async (as?: string) =>
    (await sluice.inbox(as)).entries.filter((entry) => entry.run === run).map(({ decision }) => decision.id);
  await expect.poll(() => ids()).toEqual(['approval:GATE-1']);
  expect(await ids('Lead')).toEqual(['approval:GATE-1']);
  expect(await ids('dora')).toEqual(['approval:GATE-1']);
  expect(await ids('mallory')).toEqual([]);
  await approve(run);
  await expect.poll(() => ids('Lead')).toEqual([]);
  expect(await ids('Owner')).toEqual([]);
  expect(await ids('dora')).toEqual(['approval:GATE-1']);
  await sluice.command(run, { command: 'abort', by: 'Lead' });
});

test('a command that makes no sense is refused', async () => {
  const run = await waiting('orders');
  await expect(sluice.command(run, { command: 'resume', by: 'Lead' })).rejects.toMatchObject({
    code: 'refused',
  });
  await expect(sluice.command(run, { command: 'rollback', by: 'Lead', to: 'NOWHERE' })).rejects.toMatchObject(
    {
      code: 'refused',
      message: expect.stringContaining('NOWHERE'),
    },
  );
  await sluice.command(run, { command: 'abort', by: 'Lead' });
});

test('a plan too large to travel is stored whole under its hash', async () => {
  const { plan, workspace } = await gated('large', ['Lead'], 'x'.repeat(1_200_000));
  const { run } = await sluice.submit(plan, { workspace, by: 'alice' });
  expect(existsSync(planFile(home, plan.hash))).toBe(true);
  expect(JSON.parse(readFileSync(planFile(home, plan.hash), 'utf8'))).toEqual(plan);
  await gateOpen(run);
  await approve(run);
  expect((await ended(run)).applied).toEqual(['STEP-1-1']);
});

test('no engine, and an engine that does not answer, are told apart from other trouble', async () => {
  const nobody = connect({ home, env: {} });
  await expect(nobody).rejects.toMatchObject({
    code: 'no-engine',
    advice: expect.stringContaining('sluice up'),
  });
  const dead = connect({ home, env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  await expect(dead).rejects.toBeInstanceOf(SluiceError);
  await expect(dead).rejects.toMatchObject({
    code: 'no-engine',
    message: expect.stringContaining('127.0.0.1:1'),
  });
});

/** @param activities in place of those that only say yes */
async function work(activities: Partial<Activities> = {}): Promise<void> {
  worker ??= await startStubWorker(inject('engine'), taskQueue, home, activities);
}

async function rest(): Promise<void> {
  await worker?.stop();
  worker = null;
}

function newId(): string {
  return `run-${randomUUID()}`;
}

/** One step and a gate that its approvers decide. "Owner" is a role that dora holds. */
async function gated(
  name: string,
  approvers: readonly string[] = ['Lead'],
  note = '',
): Promise<Checked & { plan: NonNullable<Checked['plan']> }> {
  const folder = mkdtempSync(join(home, 'workspace-'));
  const strategy = {
    metadata: { version: '1.0.0', migration_name: name },
    migration_phases: [
      {
        phase_id: 'PHASE-1',
        name: 'Only phase',
        order: 1,
        steps: [
          {
            step_id: 'STEP-1-1',
            name: 'Only step',
            order: 1,
            type: 'configuration',
            execution_details: { commands: [`$ true ${note}`] },
            rollback_procedure: { can_rollback: true, rollback_steps: ['$ true'] },
          },
        ],
        validation_gate: {
          gate_id: 'GATE-1',
          name: 'Only gate',
          criteria: ['$ true'],
          approval_required: true,
          approvers,
          failure_response: 'block',
        },
      },
    ],
  };
  writeFileSync(join(folder, 'migration-strategy.yaml'), JSON.stringify(strategy));
  writeFileSync(
    join(folder, 'migration-bindings.yaml'),
    JSON.stringify({ roles: { Owner: { members: ['dora'] } } }),
  );
  const checked = await readStrategy(join(folder, 'migration-strategy.yaml'));
  if (checked.plan === null) throw new Error(JSON.stringify(checked.problems, null, 1));
  return { ...checked, plan: checked.plan };
}

/** A run that waits at its gate. */
async function waiting(name: string, approvers?: readonly string[]): Promise<string> {
  const { plan, workspace } = await gated(name, approvers);
  const { run } = await sluice.submit(plan, { workspace, by: 'alice' });
  await gateOpen(run);
  return run;
}

async function gateOpen(run: string): Promise<void> {
  await expect.poll(async () => (await sluice.decisions(run)).length).toBe(1);
}

function approve(run: string): Promise<void> {
  return sluice.decide(run, { decision: 'approval:GATE-1', option: 'approve', by: 'Lead' });
}

/** Waits until the run is closed, and answers with its last view. */
async function ended(run: string): Promise<MigrationView> {
  for await (const event of sluice.follow(run)) expect(event.seq).toBeGreaterThanOrEqual(0);
  return sluice.view(run);
}
