import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { verifyRecord } from '../../client/index.js';
import { readStrategy } from '../../client/read.js';
import { recordFile } from '../../strategy/layout.js';
import { Receiver } from '../support/receiver.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
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

const plan = (channels: readonly string[]) =>
  strategy([phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Lead'] }))], {
    communication_plan: {
      stakeholder_communication: [
        {
          stakeholder_group: 'management',
          notifications: (['pre_migration', 'during_migration', 'post_migration'] as const).map(
            (notification_type) => ({
              notification_type,
              channel: channels,
              template: 'The shop moves.',
            }),
          ),
        },
      ],
    },
  });

interface Sent {
  readonly type: string;
  readonly data: { readonly title: string; readonly lines: readonly string[]; readonly head: string };
}

const sent = (): readonly Sent[] => receiver.received.map(({ body }) => JSON.parse(body));

test('people are told of the start, a decision, its outcome, progress and the end, in words for them', async () => {
  receiver.received.length = 0;
  const run = await world.start(plan(['#shop', 'unbound']), {
    bindings: { channels: { '#shop': { webhook: url } } },
  });
  await run.answer('approval:G', 'approve', 'Lead');
  await run.end();
  // Notices of one moment may overtake each other, and the last is sent when the run has ended.
  const titles = () =>
    sent()
      .map(({ data }) => data.title)
      .sort();
  await expect
    .poll(titles)
    .toEqual(
      [
        'Test migration: the migration has started',
        'Test migration: a decision is needed',
        'Test migration: a decision was made',
        'Test migration: gate G is passed',
        'Test migration: phase P is completed',
        'Test migration: the migration is completed',
      ].sort(),
    );
  for (const { data } of sent()) expect(data.lines[0]).toBe('The shop moves.');
  // Each is a witness of the record up to then.
  const heads = sent().map(({ data }) => data.head);
  expect(new Set(heads).size).toBe(6);
  const findings = async () =>
    (await verifyRecord(recordFile(world.home, run.id), { home: world.home, heads })).findings;
  await expect.poll(findings).toEqual([]);
});

test('a channel that refuses is an event of the record, and the migration goes on', async () => {
  receiver.received.length = 0;
  receiver.answers.push(...Array.from({ length: 6 }, () => ({ status: 404, body: 'gone' })));
  const run = await world.start(plan(['#shop']), { bindings: { channels: { '#shop': { webhook: url } } } });
  await run.answer('approval:G', 'approve', 'Lead');
  expect((await run.end()).status).toBe('completed');
  const failures = async () => (await run.events()).filter(({ type }) => type === 'notice-failed');
  await expect.poll(failures).toHaveLength(6);
  expect((await failures())[0]).toMatchObject({
    channel: '#shop',
    why: expect.stringContaining('404: gone'),
  });
  await expect
    .poll(async () => (await run.view()).deafChannels)
    .toMatchObject([{ channel: '#shop', failures: 6, why: expect.stringContaining('404: gone') }]);
});

test('a decision that a stopped check still opens is told, and the run comes to its end', async () => {
  receiver.received.length = 0;
  const checked = step('A', 1, { more: { validation: { validation_checks: ['It holds'] } } });
  const run = await world.start(
    { ...plan(['#shop']), migration_phases: [phase('P', 1, [checked])] },
    {
      bindings: { channels: { '#shop': { webhook: url } }, checks: { 'It holds': { command: 'sleep 300' } } },
    },
  );
  await run.until('the check runs', ({ phases }) => phases[0]?.steps[0]?.status === 'validating');
  await run.command({ command: 'abort', by: 'tester', reason: 'Stop.' });
  expect((await run.end()).status).toBe('aborted');
  await expect
    .poll(() => sent().map(({ data }) => data.title))
    .toContain('Test migration: a decision is needed');
});

test('the status is reported in time with its figures, and an incident goes down the escalation path until somebody answers', async () => {
  receiver.received.length = 0;
  const communication_plan = {
    status_reporting: {
      frequency: 'every 1 minute',
      format: 'slack',
      recipients: ['#shop'],
      metrics_to_report: ['Error rate', 'Progress', 'Happiness'],
    },
    incident_communication: {
      escalation_path: ['On-call', 'pager', 'CTO'],
      response_time_sla: '1 minute',
      notification_channels: ['#ops'],
    },
  };
  const failing = step('A', 1, { commands: ['test -e ready'] });
  const asking = gate('G', { failure_response: 'manual_decision' });
  const run = await world.start(strategy([phase('P', 1, [failing], asking)], { communication_plan }), {
    compress: 60,
    bindings: {
      channels: {
        '#shop': { webhook: `${url}/shop` },
        '#ops': { webhook: `${url}/ops` },
        pager: { webhook: `${url}/pager` },
      },
      metrics: { error_rate: { unit: 'percent', command: 'echo 0.2' } },
    },
  });
  const incidents = async () => (await run.view()).incidents ?? [];
  await expect
    .poll(incidents)
    .toMatchObject([{ decision: 'failure:A', asked: null, passedOver: ['On-call', 'pager', 'CTO'] }]);
  await expect.poll(async () => (await run.view()).reports?.[0]?.number ?? 0).toBeGreaterThan(1);
  const at = (path: string) =>
    receiver.received.filter((each) => each.path === path).map(({ body }): Sent => JSON.parse(body));
  // Each by their own channel in their turn, the incident channel whenever it was passed on.
  await expect.poll(() => at('/pager').map(({ type }) => type)).toEqual(['sluice.incident']);
  await expect.poll(() => at('/ops').filter(({ type }) => type === 'sluice.incident').length).toBe(3);
  await expect.poll(() => at('/shop').length).toBeGreaterThan(0);
  const [report] = at('/shop');
  expect(report?.type).toBe('sluice.report');
  expect(report?.data.lines.slice(0, 3)).toEqual([
    'Error rate: 0.2%',
    'Progress: 0% (0 of 1 step)',
    'Happiness: not measured',
  ]);
  await run.command({ command: 'abort', by: 'CTO' });
  await run.end();
  expect(await incidents()).toEqual([]);
});

test('status reports go on in their time when the history is cut', async () => {
  const sketch = (command: string) =>
    strategy(
      [
        phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Lead'] })),
        phase('Q', 2, [step('B', 1, { commands: [command] })]),
      ],
      {
        communication_plan: {
          status_reporting: { frequency: 'every 1 minute', metrics_to_report: ['Phase'] },
        },
      },
    );
  const run = await world.start(sketch('exit 7'), { compress: 60 });
  await run.asked('approval:G');
  // As the command line compiles it, with the bindings of the run.
  const file = join(run.workspace, 'migration-strategy.yaml');
  writeFileSync(file, JSON.stringify(sketch('true')));
  const { plan: corrected } = await readStrategy(file);
  if (corrected === null) throw new Error('The strategy has errors.');
  await world.sluice.amend(run.id, corrected, 'Lead');
  // To take another plan, the run continues as new.
  const amended = await run.until('the new plan', ({ strategy: { hash } }) => hash === corrected.hash);
  const before = amended.reports?.[0]?.number ?? 0;
  await expect.poll(async () => (await run.view()).reports?.[0]?.number ?? 0).toBeGreaterThan(before + 1);
  await run.command({ command: 'abort', by: 'Lead' });
  await run.end();
  const reports = (await run.events()).flatMap((event) => (event.type === 'status-report' ? [event] : []));
  expect(reports.map(({ number }) => number)).toEqual(reports.map((_, index) => index + 1));
  expect(reports.at(-1)?.figures).toEqual([{ text: 'Phase', value: 'Phase P (1 of 2)' }]);
});
