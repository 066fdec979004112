/** An ended run is reported, exported and verified from its files alone: no engine is needed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeRecord } from '../../activities/record.js';
import type { EventBody } from '../../strategy/run/event.js';
import { outlineOf } from '../../strategy/run/outline.js';
import { headOf } from '../strategy/run/sample.js';
import { Sandbox } from './sluice.js';

const EVENTS: readonly EventBody[] = [
  {
    type: 'run-started',
    by: 'alice',
    plan: 'abc',
    steps: 2,
    compress: 1,
    onFailure: 'strategy',
    outline: outlineOf(headOf({ P: ['A', 'B'] })),
  },
  { type: 'paused', by: 'bob', reason: 'Lunch.' },
  { type: 'run-ended', status: 'aborted', landing: null, reason: 'Enough.' },
];

let box: Sandbox;
let file = '';
beforeAll(async () => {
  box = new Sandbox();
  const dependencies = {
    home: box.home,
    hostQueue: { host: 'here', taskQueue: 'here' },
    env: {},
    logger: pino({ enabled: false }),
  };
  const events = EVENTS.map((event, seq) => ({ seq, at: '2026-01-01T00:00:00.000Z', ...event }));
  file = await writeRecord(dependencies, { run: 'shop-1', events });
});
afterAll(() => box.close());

test('sluice report prints one HTML page, or a document for programs', async () => {
  const html = await box.sluice(['report', 'shop-1']);
  expect(html.code).toBe(0);
  expect(html.stdout).toMatch(/^<!doctype html>/);
  expect(html.stdout).toContain('paused by bob: Lunch.');
  const json = JSON.parse((await box.sluice(['report', 'shop-1', '--format', 'json'])).stdout);
  expect(json).toMatchObject({ format: 1, view: { run: 'shop-1', status: 'aborted' }, record: { count: 3 } });
  expect(load((await box.sluice(['report', 'shop-1', '--format', 'yaml'])).stdout)).toEqual(json);
});

test('sluice export --write fills in the strategy of the run, and refuses another file', async () => {
  const strategy = join(box.home, 'strategy.yaml');
  const step = (id: string, order: number) =>
    `{ step_id: ${id}, name: ${id}, order: ${order}, type: configuration }`;
  const text = `# mine\nmetadata: { version: "1", migration_status: in_progress }
migration_phases: [{ phase_id: P, name: P, order: 1, steps: [${step('A', 1)}, ${step('B', 2)}] }]\n`;
  writeFileSync(strategy, text);
  const shown = await box.sluice(['export', 'shop-1', strategy]);
  const after = text.replace('in_progress }', 'planned, last_updated: 2026-01-01T00:00:00.000Z }');
  expect(shown.stdout).toBe(after);
  expect(shown.stderr).toContain('metadata.migration_status: in_progress -> planned');
  expect(readFileSync(strategy, 'utf8')).toBe(text);
  expect((await box.sluice(['export', 'shop-1', strategy, '--write'])).code).toBe(0);
  expect(readFileSync(strategy, 'utf8')).toBe(after);
  writeFileSync(strategy, text.replaceAll('step_id: B', 'step_id: C'));
  const refused = await box.sluice(['export', 'shop-1', strategy, '--write']);
  expect(refused.stderr).toContain('is not the strategy of the run shop-1: it does not have the step B');
  expect(refused.code).toBe(1);
});

test('sluice verify exits 0 for the head that the report names, and 1 once the record was changed', async () => {
  const { record } = JSON.parse((await box.sluice(['report', 'shop-1', '--json'])).stdout);
  const good = await box.sluice(['verify', file, '--head', record.head]);
  expect(good.stdout).toContain('3 events of run shop-1: nothing was changed.');
  expect(good.code).toBe(0);
  writeFileSync(file, readFileSync(file, 'utf8').replace('Lunch', 'Dinner'));
  const bad = await box.sluice(['verify', file]);
  expect(bad.stdout).toContain('altered: The chain breaks at line 3');
  expect(bad.code).toBe(1);
  const json = await box.sluice(['verify', file, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, findings: [{ kind: 'altered', line: 2 }] });
  expect((await box.sluice(['verify', `${file}.old`])).stderr).toContain('cannot be read');
});
