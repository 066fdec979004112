/** What a step may correct by itself, who is asked about the rest, and when both sides are compared again. */
import { expect, test } from 'vitest';
import { compileText, type Given, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP}" }, other: { postgres: "${env:OTHER}" } }';
const TABLES = 'source: { system: shop, tables: [orders] }, target: { system: other, tables: [orders_new] }';

const COMMAND = 'execution_details: { commands: ["$ true"] }';

function given(settings: string, more = ''): Given {
  const beside = `data_migration: { migrations: [{ migration_id: DATA-1, ${TABLES}${more}, x-reconcile: ${settings} }] }`;
  const steps = [
    stepOf('A', 1, COMMAND),
    stepOf('B', 2, 'x-uses: DATA-1', 'data_migration'),
    stepOf('C', 3, COMMAND),
  ];
  return { bindings: BINDINGS, strategy: strategyOf(steps.join('\n'), beside) };
}

test('corrections follow the copy and are undone before it, within the limit and by the role that the item names', () => {
  const step = planOf(given('{ correct: missing, max: 5, reviewer: Data Lead }')).phases[0]?.steps[1];
  expect(step?.actions.map(({ kind }) => kind)).toEqual(['rows', 'reconcile']);
  expect(step?.actions[1]).toMatchObject({
    correct: 'missing',
    max: 5,
    reviewer: 'Data Lead',
    task: { do: 'correct' },
  });
  const undo = step?.undo.kind === 'actions' ? step.undo.actions : [];
  expect(undo.map((action) => [action.kind, action.kind === 'reconcile' ? action.task.do : null])).toEqual([
    ['reconcile', 'undo'],
    ['rows', null],
  ]);
});

test('what cannot be corrected row by row is a problem of the strategy', () => {
  const counted = given('{ correct: fields }', ', validation: { reconciliation: { method: count } }');
  expect(compileText(counted).problems).toContainEqual(expect.objectContaining({ code: 'not-every-row' }));
  const late = compileText(given('{ schedule: now and then }')).problems;
  expect(late).toContainEqual(expect.objectContaining({ code: 'not-scheduled' }));
});

test('a schedule compares beside the steps after the item, where it alerts and fails nothing', () => {
  const compared = (schedule: string) =>
    (planOf(given(`{ schedule: ${schedule} }`)).phases[0]?.steps ?? []).map(({ watch }) =>
      (watch?.conditions ?? [])
        .filter(({ probe }) => probe.how === 'reconcile')
        .map(({ onFire, everyMs, timetable }) => [onFire, everyMs, timetable]),
    );
  expect(compared('every 15 minutes')).toEqual([[], [], [['notify', 900_000, undefined]]]);
  const sunday = { days: ['sun'], at: '03:00', zone: 'Europe/Berlin' };
  expect(compared('Sunday 03:00 Europe/Berlin')).toEqual([[], [], [['notify', 604_800_000, sunday]]]);
});
