import { expect, test } from 'vitest';
import { compileText, planOf, stepOf, strategyOf } from './support/compile-text.js';

function strategyWith(window: string, business: readonly string[] = []): string {
  const constraints = JSON.stringify({ migration_window: window, business_constraints: business });
  return strategyOf(stepOf('A', 1, ''), `migration_overview: { constraints: ${constraints} }`);
}

test('a sentence that is understood whole needs no binding, and check says how it is read', () => {
  const strategy = strategyWith('Weekday 10am-4pm EST', ['No changes from 2026-11-23 to 2026-11-30 UTC']);
  const { plan, coverage } = compileText({ strategy });
  expect(plan?.constraints).toEqual([
    {
      kind: 'window',
      text: 'Weekday 10am-4pm EST',
      window: {
        days: ['mon', 'tue', 'wed', 'thu', 'fri'],
        from: '10:00',
        to: '16:00',
        zone: 'America/New_York',
      },
    },
    {
      kind: 'freeze',
      text: 'No changes from 2026-11-23 to 2026-11-30 UTC',
      freeze: { from: '2026-11-23', to: '2026-11-30', zone: 'UTC' },
    },
  ]);
  const how = coverage.sentences.map((sentence) => sentence.how);
  expect(how).toContain('read as the window mon tue wed thu fri 10:00-16:00 America/New_York');
  expect(how).toContain('read as the freeze 2026-11-23 to 2026-11-30 UTC');
});

test('a binding comes before what the sentence says', () => {
  const bindings = 'windows: { Weekday 10am-4pm EST: "daily 00:00-24:00 UTC" }';
  expect(planOf({ strategy: strategyWith('Weekday 10am-4pm EST'), bindings }).constraints).toEqual([
    {
      kind: 'window',
      text: 'Weekday 10am-4pm EST',
      window: {
        days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
        from: '00:00',
        to: '24:00',
        zone: 'UTC',
      },
    },
  ]);
});

test('a sentence that is understood in part is asked of a person, and check says which words stopped it', () => {
  const { plan, coverage } = compileText({
    strategy: strategyWith('Weekday 10am-4pm', ['No changes during Black Friday week']),
  });
  expect(plan?.constraints.map(({ kind }) => kind)).toEqual(['person', 'person']);
  const how = coverage.sentences.map((sentence) => sentence.how);
  expect(how).toContain('asked of anyone, before the first phase; it names no time zone');
  expect(how).toContain('asked of anyone, before the first phase; "Black Friday week" is not understood');
});

test('a binding that is not understood is an error', () => {
  const bindings =
    'windows: { Nights: at night }\nfreezes: { Sale: "No changes from 2026-11-23 to 2026-11-30" }';
  const { problems } = compileText({ strategy: strategyWith('Nights', ['Sale']), bindings });
  expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'not-understood: "at night" is not a window: it names no days and times',
    'not-understood: "No changes from 2026-11-23 to 2026-11-30" is not a freeze: it names no time zone',
  ]);
});
