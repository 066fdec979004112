import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedRun } from '../../client/index.js';
import { recordFile } from '../../strategy/layout.js';
import type { EventBody } from '../../strategy/run/event.js';
import { outlineOf } from '../../strategy/run/outline.js';
import { headOf } from '../strategy/run/sample.js';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-record-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const started: EventBody = {
  type: 'run-started',
  by: 'alice',
  plan: 'abc',
  steps: 2,
  compress: 1,
  onFailure: 'strategy',
  outline: outlineOf(headOf({ P: ['A', 'B'] })),
};
const applied: EventBody = { type: 'undo-registered', phase: 'P', step: 'A' };
const ended: EventBody = { type: 'run-ended', status: 'aborted', landing: null, reason: 'Enough.' };

function write(run: string, happenings: readonly EventBody[], tail = ''): void {
  const file = recordFile(home, run);
  mkdirSync(dirname(file), { recursive: true });
  const at = '2026-01-01T00:00:00.000Z';
  const lines = happenings.map((happening, seq) => JSON.stringify({ seq, at, ...happening }));
  writeFileSync(file, `${lines.join('\n')}\n${tail}`);
}

test('an ended run is drawn from its record alone', async () => {
  write('over', [started, applied, ended]);
  const found = await recordedRun(home, 'over');
  expect(found?.events).toHaveLength(3);
  expect(found?.view).toMatchObject({
    run: 'over',
    status: 'aborted',
    submittedBy: 'alice',
    applied: ['A'],
    wayBack: [{ step: 'A', undo: 'actions', irreversible: false }],
    seq: 3,
  });
  expect(found?.view.phases[0]?.steps.map(({ id }) => id)).toEqual(['A', 'B']);
});

test('a record that is missing, not ended, or cut off is left to the engine', async () => {
  write('open', [started, applied]);
  write('cut', [started, applied, ended], '{"seq":3,"ty');
  write('gap', [started, ended].reverse());
  for (const run of ['none', 'open', 'cut', 'gap']) expect(await recordedRun(home, run)).toBeNull();
});
