/** Where votes must be signed, nobody can vote or command under another's name, on any path. */
import type { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runCommandLine } from '../../cli/program.js';
import { verifyRecord } from '../../client/index.js';
import { findKey, newKey } from '../../client/keys.js';
import { sign } from '../../client/sign.js';
import { voterKeys } from '../../client/voter-keys.js';
import { hashPlan } from '../../strategy/hash.js';
import { recordFile } from '../../strategy/layout.js';
import type { Plan } from '../../strategy/plan.js';
import type { Ballot } from '../../strategy/run/ballot.js';
import { claimsOfCommand, claimsOfVote } from '../../strategy/run/signed.js';
import { fakeTerminal } from '../cli/fixtures.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openClient } from '../support/temporal.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

let world: World;
let connection: Connection;
let client: Client;
let bindings: object;
beforeAll(async () => {
  world = await openWorld(inject('engine'));
  ({ client, connection } = await openClient());
  const keys: Record<string, object[]> = {};
  for (const name of ['alice', 'bob']) keys[name] = [(await newKey(world.home, name)).publicKey];
  await newKey(world.home, 'mallory');
  const members = ['alice', 'bob', 'carol'];
  bindings = {
    roles: { Lead: { members, votes: 2 } },
    identity: { mode: 'signed', installation: 'shop-test', keys },
  };
});
afterAll(async () => {
  await world.close();
  await connection.close();
});

const gated = strategy([
  phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Lead'] })),
]);
const key = (identity: string) => findKey(world.home, identity);

/** A vote for the gate of this run as it is now, signed with the key of `signer`. */
async function signedVote(run: TestRun, by: string, signer = by): Promise<Ballot> {
  const { decisions, startedAt, strategy: plan } = await run.asked('approval:G');
  const evidenceHash = decisions.find(({ id }) => id === 'approval:G')?.evidenceHash;
  const ballot: Ballot = { decision: 'approval:G', option: 'approve', by, evidenceHash };
  const place = { installation: 'shop-test', run: run.id, startedAt, planHash: plan.hash };
  return { ...ballot, signed: await sign(await key(signer), 'vote', claimsOfVote(place, ballot)) };
}

async function refusals(run: TestRun): Promise<readonly string[]> {
  return (await run.events()).flatMap((event) => (event.type === 'message-refused' ? [event.why] : []));
}

it('signed votes count, by update and by signal, and stand in the record as they were signed', async () => {
  const run = await world.start(gated, { bindings });
  await run.asked('approval:G');
  await world.sluice.decide(run.id, { decision: 'approval:G', option: 'approve', by: 'alice' }, { key });
  const second = await signedVote(run, 'bob');
  await client.workflow.getHandle(run.id).signal('approve', { ...second, gate: 'G' });
  expect(await run.end()).toMatchObject({ status: 'completed' });
  const votes = (await run.events()).flatMap((event) => (event.type === 'vote-cast' ? [event] : []));
  expect(votes.map(({ vote }) => vote.by)).toEqual(['alice', 'bob']);
  expect(votes[1]?.signed).toBe(second.signed);
  for (const { vote, signed } of votes) {
    expect(vote.key).toMatch(/^[\w-]{43}$/);
    expect(signed?.split('.')).toHaveLength(3);
  }
});

it('what is not signed, forged, sent again, or signed for another run is refused with the reason, and recorded', async () => {
  const run = await world.start(gated, { bindings });
  const other = await world.start(gated, { bindings });
  const vote = await signedVote(run, 'alice');
  const { signed, ...unsigned } = vote;
  const decide = (ballot: Ballot) => world.sluice.decide(run.id, ballot);
  await expect(decide(unsigned)).rejects.toThrow('counts only signed votes');
  await expect(decide(await signedVote(run, 'alice', 'mallory'))).rejects.toThrow('None of the keys');
  await expect(decide({ ...(await signedVote(run, 'mallory')), by: 'carol' })).rejects.toThrow(
    'no key of carol',
  );
  await expect(decide(await signedVote(other, 'alice'))).rejects.toThrow('another run');
  await expect(decide({ ...vote, option: 'reject' })).rejects.toThrow('another option');
  await expect(decide({ ...vote, evidenceHash: undefined })).rejects.toThrow('which evidence');
  expect((await run.view()).decisions).toMatchObject([{ votes: [] }]);

  await decide(vote);
  await expect(decide({ ...vote, by: 'bob' })).rejects.toThrow('None of the keys');
  expect(await refusals(run)).toHaveLength(7);
});

it('an unsigned signal changes nothing and is an event with its reason', async () => {
  const run = await world.start(gated, { bindings });
  await run.asked('approval:G');
  const handle = client.workflow.getHandle(run.id);
  await handle.signal('approve', { gate: 'G', by: 'alice' });
  await handle.signal('abort', { by: 'alice' });
  await expect.poll(async () => (await refusals(run)).length).toBe(2);
  expect((await refusals(run))[0]).toContain('counts only signed votes');
  expect(await run.view()).toMatchObject({ status: 'waiting', decisions: [{ votes: [] }] });
});

it('a signature is used once, also for a command that could count again', async () => {
  const run = await world.start(gated, { bindings });
  await run.asked('approval:G');
  await expect(world.sluice.command(run.id, { command: 'pause', by: 'alice' })).rejects.toThrow(
    'signed commands',
  );
  await world.sluice.command(run.id, { command: 'pause', by: 'alice' }, { key });
  const paused = (await run.events()).find(({ type }) => type === 'paused');
  const signed = paused?.type === 'paused' ? paused.signed : undefined;
  await world.sluice.command(run.id, { command: 'resume', by: 'bob' }, { key });
  const again = { command: 'pause', by: 'alice', signed } as const;
  await expect(world.sluice.command(run.id, again)).rejects.toThrow('used before');
  await world.sluice.command(run.id, { command: 'abort', by: 'alice' }, { key });
  expect(await run.end()).toMatchObject({ status: 'aborted' });
});

it('the command line signs with the key of --as, and says how to make one where there is none', async () => {
  const run = await world.start(gated, { bindings });
  await run.asked('approval:G');
  const env = {
    SLUICE_HOME: world.home,
    TEMPORAL_ADDRESS: inject('engine'),
    SLUICE_TASK_QUEUE: world.taskQueue,
  };
  const approve = async (by: string) => {
    const { terminal, stderr } = fakeTerminal({ env });
    return { code: await runCommandLine(['approve', run.id, '--as', by], terminal), stderr: stderr.join('') };
  };
  const refused = await approve('carol');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('sluice key new --as "carol"') });
  expect((await approve('alice')).code).toBe(0);
  expect((await approve('bob')).code).toBe(0);
  expect(await run.end()).toMatchObject({ status: 'completed' });
});

it('a signed amendment counts for the plan that was signed only, and the record proves all of it', async () => {
  const run = await world.start(gated, { bindings });
  await run.asked('approval:G');
  const plan = await world.sluice.plan(run.id);
  if (plan === null) throw new Error('The run has no plan.');
  const { hash: _, ...rest } = plan;
  const renamed = (name: string): Plan => {
    const changed = { ...rest, strategy: { ...rest.strategy, version: name } };
    return { ...changed, hash: hashPlan(changed) };
  };
  await expect(world.sluice.amend(run.id, renamed('2'), 'alice')).rejects.toThrow('signed commands');
  const wanted = { command: 'amend', by: 'alice', plan: renamed('2') } as const;
  const { startedAt } = await run.view();
  const claims = claimsOfCommand(
    { installation: 'shop-test', run: run.id, startedAt, planHash: plan.hash },
    wanted,
  );
  const signed = await sign(await key('alice'), 'command', claims);
  const other = { ...wanted, plan: renamed('3'), signed };
  await expect(world.sluice.command(run.id, other)).rejects.toThrow('another landing or plan');
  await world.sluice.command(run.id, { ...wanted, signed });
  const approve = async (decision: string): Promise<void> => {
    await run.asked(decision);
    for (const by of ['alice', 'bob']) {
      await world.sluice.decide(run.id, { decision, option: 'approve', by }, { key });
    }
  };
  await approve(`amendment:${wanted.plan.hash.slice(0, 12)}`);
  const amended = await run.until('the new plan', ({ strategy: now }) => now.hash === wanted.plan.hash);
  expect(amended.pausedBy).toBe('alice');
  await world.sluice.command(run.id, { command: 'resume', by: 'bob' }, { key });
  await approve('approval:G#2');
  await run.end();
  const voters = await voterKeys(world.home);
  const verified = () => verifyRecord(recordFile(world.home, run.id), { home: world.home, voters });
  await expect.poll(verified).toMatchObject({ ok: true, votes: { signed: 6, verified: 6 } });
});
