import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { gatesOf } from '../../strategy/run/gates.js';
import type { MigrationView } from '../../strategy/run/view.js';
import { Receiver } from '../support/receiver.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

const receiver = new Receiver();
let url = '';
let world: World;
beforeAll(async () => {
  url = await receiver.open();
  world = await openWorld(inject('engine'));
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});

const gates = {
  validation_strategy: {
    validation_gates: [
      {
        gate_id: 'VG-1',
        name: 'Ready',
        location: 'After A',
        type: 'automated',
        criteria: [{ criterion: '$ test -e ready' }],
        failure_handling: { response: 'block', notification: ['#ops'], escalation: 'Escalate to Owner' },
      },
      {
        gate_id: 'VG-2',
        location: 'at the end of P',
        type: 'hybrid',
        criteria: [{ criterion: 'It looks right' }],
        failure_handling: { response: 'rollback' },
      },
    ],
  },
};

const statuses = (view: MigrationView) =>
  view.phases.flatMap((each) => gatesOf(each).map(({ id, status }) => `${id} ${status}`));

test('a validation gate holds the next step up, asks whom it escalates to, and takes its phase back when it is rejected', async () => {
  const steps = [
    step('A', 1, { more: { responsible_party: 'Owner' } }),
    step('B', 2, { more: { responsible_party: 'Lead' } }),
  ];
  const run = await world.start(strategy([phase('P', 1, steps)], gates), {
    bindings: { channels: { '#ops': { webhook: url } } },
  });

  const stopped = await run.asked('failure:VG-1');
  expect(stopped.decisions[0]?.needs).toMatchObject([{ role: 'Owner' }]);
  expect(stopped.decisions[0]?.evidence.map(({ text, verdict }) => `${text}: ${verdict}`)).toEqual([
    '$ test -e ready: fail',
    'escalation: Escalate to Owner: null',
  ]);
  expect(statuses(stopped)).toEqual(['VG-1 failed', 'VG-2 pending']);
  expect(run.ledger()).toEqual(['do A']);

  writeFileSync(join(run.workspace, 'ready'), '');
  await run.answer('failure:VG-1', 'retry', 'Owner');
  const asked = await run.asked('approval:VG-2');
  expect(statuses(asked)).toEqual(['VG-1 passed', 'VG-2 waiting']);
  expect(asked.decisions[0]).toMatchObject({ needs: [{ role: 'Lead' }], checklist: ['It looks right'] });

  await run.answer('approval:VG-2', 'reject', 'Lead', 'It does not');
  const end = await run.end();
  expect(end.status).toBe('rolled_back');
  expect(run.ledger()).toEqual(['do A', 'do B', 'undo B', 'undo A']);
  expect(statuses(end)).toEqual(['VG-1 pending', 'VG-2 pending']);
  const titles = receiver.received.map(({ body }): string => JSON.parse(body).data.title);
  expect(titles).toEqual([expect.stringContaining('VG-1 failed')]);
});
