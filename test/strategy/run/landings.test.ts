import { expect, test } from 'vitest';
import { landingsOf } from '../../../strategy/run/landings.js';
import type { PhaseView } from '../../../strategy/run/view.js';

const phase = (id: string, status: PhaseView['status']): PhaseView => ({
  id,
  name: id,
  status,
  reason: '',
  requirements: [],
  steps: [],
  omitted: null,
  gate: null,
});

test('a rollback may stop after any applied step but the last, after a completed phase, or at the start', () => {
  const phases = [phase('P1', 'completed'), phase('P2', 'running'), phase('P3', 'pending')];
  expect(landingsOf({ applied: ['S1', 'S2', 'S3'], phases })).toEqual(['S2', 'S1', 'P1', 'start']);
});

test('a phase with nothing behind it is not offered', () => {
  const phases = [phase('P1', 'completed'), phase('P2', 'completed'), phase('P3', 'pending')];
  expect(landingsOf({ applied: ['S1', 'S2'], phases })).toEqual(['S1', 'P1', 'start']);
  expect(landingsOf({ applied: [], phases: [phase('P1', 'running')] })).toEqual(['start']);
});

test('a run of very many steps offers the latest ones', () => {
  const applied = Array.from({ length: 10_000 }, (_, index) => `S${index}`);
  const landings = landingsOf({ applied, phases: [phase('P1', 'running')] });
  expect(landings).toHaveLength(51);
  expect(landings[0]).toBe('S9998');
});
