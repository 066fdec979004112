import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordFile } from '../../strategy/layout.js';
import type { EventBody } from '../../strategy/run/event.js';
import { outlineOf } from '../../strategy/run/outline.js';
import { headOf } from '../strategy/run/sample.js';
import { Sandbox } from './sluice.js';

let box: Sandbox;
beforeAll(() => {
  box = new Sandbox();
});
afterAll(() => box.close());

const STATEMENTS = 'ALTER TABLE cart ADD note text; UPDATE cart SET note = 1';
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
  {
    type: 'action-finished',
    phase: 'P',
    step: 'A',
    purpose: 'apply',
    index: 0,
    what: STATEMENTS,
    outcome: 'failed',
    cause: 'column "note" is of type text',
    exitCode: null,
    durationMs: 120,
    output: 'ALTER TABLE\n',
  },
  { type: 'run-ended', status: 'aborted', landing: null, reason: 'Enough.' },
];

test('logs of an SQL step of an ended run show its statements and their result, without an engine', async () => {
  const file = recordFile(box.home, 'sql-1');
  mkdirSync(dirname(file), { recursive: true });
  const at = '2026-01-01T00:00:00.000Z';
  writeFileSync(file, EVENTS.map((event, seq) => `${JSON.stringify({ seq, at, ...event })}\n`).join(''));
  const { code, stdout } = await box.sluice(['logs', 'sql-1', 'A']);
  expect(stdout).toContain(STATEMENTS);
  expect(stdout).toContain('FAILED after 0.1 s: column "note" is of type text\nALTER TABLE\n');
  expect(code).toBe(0);
  const json = await box.sluice(['logs', 'sql-1', 'A', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject([
    { what: STATEMENTS, outcome: 'failed', durationMs: 120, text: 'ALTER TABLE\n' },
  ]);
  expect((await box.sluice(['logs', 'sql-1', 'B'])).code).toBe(1);
});
