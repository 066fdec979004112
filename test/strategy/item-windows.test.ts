/** The window of an item: kept when it is understood whole, and asked otherwise. */
import { expect, test } from 'vitest';
import { compileText, planOf, stepOf, strategyOf } from './support/compile-text.js';

const SECTIONS = {
  'data_migration.migrations[].downtime.maintenance_window': (window: string) =>
    `data_migration: { migrations: [{ migration_id: ITEM, execution_plan: { execution_script: migrate.sh }, downtime: { maintenance_window: ${window} } }] }`,
  'integration_migration.external_integrations[].migration_approach.coordination_plan.coordination_window': (
    window: string,
  ) =>
    `integration_migration: { external_integrations: [{ integration_id: ITEM, migration_approach: { coordination_plan: { coordination_window: ${window} } } }] }`,
} as const;

const given = (beside: string) => ({
  files: { 'migrate.sh': {} },
  strategy: strategyOf(stepOf('A', 1, 'x-uses: ITEM'), beside),
});

test.each(Object.entries(SECTIONS))('%s is kept when it is understood whole', (_, section) => {
  const [step] = planOf(given(section('"Weekday 10am-4pm EST"'))).phases[0]?.steps ?? [];
  expect(step?.windows).toMatchObject([{ kind: 'window', text: 'Weekday 10am-4pm EST' }]);
  expect(JSON.stringify(step?.conditions)).not.toContain('10am');
});

test.each(Object.entries(SECTIONS))('%s is asked when words of it are not understood', (_, section) => {
  const text = given(section('"Weekday 10am-4pm EST, better at noon"'));
  const [step] = planOf(text).phases[0]?.steps ?? [];
  expect(step?.windows).toBeUndefined();
  expect(step?.conditions).toContainEqual(
    expect.objectContaining({ text: expect.stringContaining('better at noon'), probe: { how: 'person' } }),
  );
  expect(compileText(text).coverage.sentences).toContainEqual(
    expect.objectContaining({ kind: 'person', text: expect.stringContaining('better at noon') }),
  );
});
