/** What the metrics of a worker count, and that no label has a value of its own for each run, step or person. */
import { describe, expect, test } from 'vitest';
import { measurementsOf } from '../../../strategy/run/measurements.js';
import { event, phase, step, view } from '../../cli/fixtures.js';

const state = view({ phases: [phase('P1', [step('S1', { startedAt: '2026-01-01T00:00:00.000Z' })])] });

describe('an event', () => {
  test('of a step that is done counts it, with the seconds since its start', () => {
    const done = {
      ...event(5, { type: 'step-status', phase: 'P1', step: 'S1', status: 'completed', reason: 'Done.' }),
      at: '2026-01-01T00:01:30.000Z',
    };
    expect(measurementsOf(done, state)).toEqual([
      { name: 'sluice_steps', value: 1, labels: { status: 'completed' } },
      { name: 'sluice_step_duration', value: 90, labels: { status: 'completed' } },
    ]);
  });

  test('of a step that goes on counts nothing', () => {
    const soaking = event(5, { type: 'step-status', phase: 'P1', step: 'S1', status: 'soaking', reason: '' });
    expect(measurementsOf(soaking, state)).toEqual([]);
  });

  test('of an evaluation counts each verdict, and nothing of what only a person can say', () => {
    const evaluated = event(5, {
      type: 'requirements-evaluated',
      subject: { kind: 'gate', id: 'G1', phase: 'P1' },
      results: (['pass', 'fail', null] as const).map((verdict) => ({
        text: 'It holds',
        how: 'command' as const,
        verdict,
        evidence: null,
      })),
    });
    expect(measurementsOf(evaluated, state).map(({ labels }) => labels)).toEqual([
      { verdict: 'pass' },
      { verdict: 'fail' },
    ]);
  });

  test('of a rollback counts its level', () => {
    const started = event(5, {
      type: 'rollback-started',
      number: 1,
      level: 'phase',
      landing: 'start',
      cause: 'S1 failed.',
      by: 'alice',
    });
    expect(measurementsOf(started, state)).toEqual([
      { name: 'sluice_rollbacks', value: 1, labels: { level: 'phase' } },
    ]);
  });
});
