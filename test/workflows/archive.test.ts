/** A record is in its archive before the engine may delete anything of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { verifyRecord } from '../../client/index.js';
import { hashPlan } from '../../strategy/hash.js';
import { ACCESS, openStore, type Store } from '../support/s3.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

let store: Store;
let world: World;
beforeAll(async () => {
  store = await openStore('records');
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  await world.close();
  await store.close();
});

it('when its history is cut, and again before it ends, however often the store refuses', async () => {
  const { endpoint } = store;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-archive-'));
  writeFileSync(join(folder, 'secret'), ACCESS.secret);
  const s3 = {
    ...{ bucket: 'records', endpoint, access_key_id: ACCESS.id },
    secret_access_key: `\${file:${join(folder, 'secret')}}`,
  };
  const gated = gate('G', { approval_required: true, approvers: ['tester'] });
  const run = await world.start(strategy([phase('P', 1, [step('A', 1)], gated)]), {
    bindings: { archive: { s3 } },
  });
  await run.asked('approval:G');
  const kept = () => [...store.objects.keys()].filter((key) => key.startsWith(`records/${run.id}/`));
  expect(kept()).toEqual([]);

  const plan = await world.sluice.plan(run.id);
  if (plan === null) throw new Error('The run has no plan.');
  const { hash: _, ...rest } = plan;
  const changed = { ...rest, strategy: { ...rest.strategy, version: '9.9.9' } };
  const hash = hashPlan(changed);
  await world.sluice.amend(run.id, { ...changed, hash }, 'tester');
  await run.answer(`amendment:${hash.slice(0, 12)}`, 'approve');
  await run.until('the new plan', ({ strategy: now }) => now.hash === hash);
  expect(kept()).toHaveLength(2);

  const before = store.requests();
  store.failNext(2);
  await run.command({ command: 'resume', by: 'tester' });
  await run.answer('approval:G#2', 'approve');
  await run.end();
  // The run is open as long as its record is not kept.
  await expect.poll(() => store.requests() - before, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
  const [record = '', head = ''] = kept()
    .sort((one, other) => other.length - one.length)
    .reverse();
  writeFileSync(join(folder, 'record.jsonl'), store.objects.get(record) ?? '');
  writeFileSync(join(folder, 'record.head.json'), store.objects.get(head) ?? '');
  const verified = await verifyRecord(join(folder, 'record.jsonl'), { home: world.home });
  expect(verified).toMatchObject({ ok: true, signed: { run: run.id, closedAt: expect.any(String) } });
  rmSync(folder, { recursive: true, force: true });
});
