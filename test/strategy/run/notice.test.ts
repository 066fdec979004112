import { expect, test } from 'vitest';
import type { NoticeRoute } from '../../../strategy/plan.js';
import type { EventBody } from '../../../strategy/run/event.js';
import { noticesOf } from '../../../strategy/run/notice.js';
import { describeEvent } from '../../../strategy/run/wording.js';
import { decision, event, view } from '../../cli/fixtures.js';

const route = (over: Partial<NoticeRoute> = {}): NoticeRoute => ({
  on: 'issue',
  channels: ['#ops'],
  form: 'update',
  words: null,
  alerts: null,
  ...over,
});
const alert: EventBody = { type: 'alert', step: 'S1', text: 'Error rate > 2%', evidence: '3%' };
const told = (happening: EventBody, routes: readonly NoticeRoute[]) =>
  noticesOf(event(7, happening), view({ decisions: [decision()] }), routes, () => 'f00d');

test('an engineer reads the words of the record, and the commands that answer', () => {
  const opened: EventBody = { type: 'decision-opened', decision: decision() };
  const [dispatch] = told(opened, [route({ on: 'decision' })]);
  expect(dispatch?.notice.title).toContain(describeEvent(event(7, opened)));
  expect(dispatch?.notice.lines.join('\n')).toContain('sluice approve shop-1 approval:GATE-1');
});

test('management reads how far it is, who is waited for, and whether there is a way back', () => {
  const opened: EventBody = { type: 'decision-opened', decision: decision() };
  const [dispatch] = told(opened, [route({ on: 'decision', form: 'summary', words: 'The shop moves.' })]);
  expect(dispatch?.notice.title).toBe('shop: a decision is needed');
  expect(dispatch?.notice.lines).toEqual([
    'The shop moves.',
    'Status: running. 0 of 0 phases and 0 of 0 steps are done.',
    'Waits for "DBA Lead": Approve GATE-1?',
    'A rollback is possible at any time.',
    'Record up to event 7: f00d',
  ]);
});

test('a channel hears of an event once, however often it is named', () => {
  const twice = [route(), route({ channels: ['#ops', 'pager'] })];
  expect(told(alert, twice).map(({ channel }) => channel)).toEqual(['#ops', 'pager']);
});

test('the channels of a metric hear of its alerts only', () => {
  expect(told(alert, [route({ alerts: ['Error rate > 2%'] })])).toHaveLength(1);
  expect(told(alert, [route({ alerts: ['Connections > 80%'] })])).toEqual([]);
  const rollback: EventBody = {
    type: 'rollback-started',
    number: 1,
    level: 'full',
    landing: 'start',
    cause: 'x',
    by: null,
  };
  expect(told(rollback, [route({ alerts: ['Error rate > 2%'] })])).toEqual([]);
});

test('what opened an incident closes the same one', () => {
  const key = (happening: EventBody) => told(happening, [route()])[0]?.notice.incident;
  expect(key(alert)).toEqual({ key: 'Error rate > 2%', state: 'open' });
  expect(key({ ...alert, type: 'alert-recovered' })).toEqual({ key: 'Error rate > 2%', state: 'closed' });
});

test('every attempt at a notice has the same id', () => {
  expect(told(alert, [route()])[0]?.notice.id).toBe('shop-1/7');
});
