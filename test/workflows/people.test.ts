/** Claims, stand-ins, reminders and escalation in a run on a real engine, with the notices that people get of them. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDashboard } from '../../web/app.js';
import { Sessions } from '../../web/session/sessions.js';
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

const PREREQUISITE = 'prerequisite:PREREQ-1';
const planned = strategy(
  [phase('P', 1, [step('A', 1)], gate('G', { approval_required: true, approvers: ['Ops'] }))],
  {
    prerequisites: [
      { prerequisite_id: 'PREREQ-1', name: 'The backup was restored', owner: 'Ops', deadline: '2020-01-01' },
    ],
  },
);

interface Sent {
  readonly data: { readonly title: string; readonly decision: string | null };
}

const titles = () => receiver.received.map(({ body }): string => (JSON.parse(body) as Sent).data.title);

const HOST = '127.0.0.1:8420';

/** Opens the page of the decision, finds the button in it, and presses that. */
async function claimOnPage(by: string, run: string, command: string): Promise<number> {
  const sessions = new Sessions(world.home);
  const dashboard = createDashboard({
    client: world.sluice,
    sessions,
    origins: [`http://${HOST}`],
    port: 8420,
    insecure: false,
    oidc: null,
  });
  try {
    const cookie = `sluice-8420=${await sessions.seal({ ...sessions.create(), by }, 3600)}`;
    const path = `/runs/${run}/decisions/${encodeURIComponent(PREREQUISITE)}`;
    const page = await (await dashboard.app.request(path, { headers: { host: HOST, cookie } })).text();
    const [, token = ''] =
      new RegExp(`id="claim-${command}".*?name="token" value="([^"]+)"`, 's').exec(page) ?? [];
    const answer = await dashboard.app.request(`${path}/claim/${command}`, {
      method: 'POST',
      headers: {
        host: HOST,
        cookie,
        origin: `http://${HOST}`,
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token }).toString(),
    });
    return answer.status;
  } finally {
    dashboard.close();
  }
}

test('nobody answers: the owner is reminded, the next role is asked, both are told, and nothing is done for it', async () => {
  receiver.received.length = 0;
  const run = await world.start(planned, {
    // An hour takes a tenth of a second.
    compress: 36_000,
    bindings: {
      channels: { '#heads': { webhook: url } },
      roles: { Ops: { members: ['dora'] }, Head: { members: ['hanna'], channels: ['#heads'] } },
      escalation: { Ops: { remind: '1 hour', after: '5 hours', to: 'Head' } },
    },
  });
  const asked = await run.until(
    'escalated',
    ({ decisions }) => decisions[0]?.needs[0]?.escalatedTo !== undefined,
  );
  expect(asked.decisions[0]).toMatchObject({
    id: PREREQUISITE,
    votes: [],
    needs: [{ role: 'Ops', members: ['dora'], escalatedTo: [{ role: 'Head', members: ['hanna'] }] }],
  });
  expect(asked.reason).toContain('"Ops", escalated to "Head"');
  expect(run.ledger()).toEqual([]);
  const events = await run.events();
  const kinds = events.map(({ type }) => type).filter((type) => type.startsWith('decision-'));
  expect(kinds.slice(0, 3)).toEqual(['decision-opened', 'decision-overdue', 'decision-reminded']);
  await expect
    .poll(titles, { timeout: 30_000 })
    .toContain(`Test migration: ${PREREQUISITE} escalated to "Head": "Ops" has not answered in time`);
  expect(titles().some((title) => title.includes('reminded'))).toBe(false);
  await run.answer(PREREQUISITE, 'verified', 'hanna');
  await run.answer('approval:G', 'approve', 'dora');
  await run.end();
  const [vote] = (await run.events()).flatMap((event) => (event.type === 'vote-cast' ? [event.vote] : []));
  expect(vote).toMatchObject({ by: 'hanna', role: 'Ops', escalatedTo: 'Head' });
});

test('somebody claims a decision, others see it and may still vote, and a stand-in votes until the date given', async () => {
  const run = await world.start(planned, {
    bindings: {
      roles: { Ops: { members: ['dora', 'otto'] } },
      delegations: [
        { from: 'dora', to: 'dan', until: '2199-12-31' },
        { from: 'otto', to: 'zoe', until: '2001-01-01' },
      ],
    },
  });
  await run.asked(PREREQUISITE);
  const claim = (by: string, command: 'claim' | 'take-over' | 'release' = 'claim') =>
    run.command({ command, by, decision: PREREQUISITE });
  await expect(claim('mallory')).rejects.toThrow('mallory cannot vote on');
  await claim('dora');
  const claimed = await run.view();
  expect(claimed.decisions[0]?.claimedBy).toBe('dora');
  expect(claimed.reason).toContain('(dora is on it)');
  const { entries } = await world.sluice.inbox('otto');
  expect(entries.find((entry) => entry.run === run.id)?.decision.claimedBy).toBe('dora');
  await expect(claim('otto')).rejects.toThrow('dora has claimed');
  await expect(claim('otto', 'release')).rejects.toThrow('only they release it');
  await claim('otto', 'take-over');
  // The same from the page of the decision.
  expect(await claimOnPage('otto', run.id, 'release')).toBe(303);
  expect((await run.view()).decisions[0]?.claimedBy).toBeNull();
  await expect(run.answer(PREREQUISITE, 'verified', 'zoe')).rejects.toThrow(
    'zoe stood in for otto until 2001-01-02',
  );
  await claim('otto');
  await run.answer(PREREQUISITE, 'verified', 'dan');
  await expect(claim('dora')).rejects.toThrow('is not an open decision');
  await run.answer('approval:G', 'approve', 'otto');
  await run.end();
  const events = await run.events();
  expect(events.flatMap((event) => (event.type === 'vote-cast' ? [event.vote] : []))[0]).toMatchObject({
    by: 'dan',
    role: 'Ops',
    onBehalfOf: 'dora',
  });
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'decision-claimed', by: 'otto', from: 'dora' }),
  );
  expect(events.find(({ type }) => type === 'decision-closed')).toMatchObject({ reason: 'by dan for dora' });
  expect(events.filter(({ type }) => type === 'message-refused')).toHaveLength(5);
});
