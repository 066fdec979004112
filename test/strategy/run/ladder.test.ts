import { describe, expect, it } from 'vitest';
import { landingOf, pickLevel, stepsAfter } from '../../../strategy/run/ladder.js';
import { viewOf } from './sample.js';

const { phases } = viewOf({ 'PHASE-1': ['A', 'B'], 'PHASE-2': ['C', 'D'], 'PHASE-3': ['E'] });

describe('the level a failure picks', () => {
  it('is the highest whose trigger fires', () => {
    expect(pickLevel('step', [{ level: 'step' }], ['step', 'full', 'phase'])).toBe('full');
  });

  it('is at least the phase for what failed outside a step, whichever trigger fires', () => {
    for (const failed of ['gate', 'phase', 'completion'] as const) {
      expect(pickLevel(failed, [{ level: 'step' }], ['step'])).toBe('phase');
      expect(pickLevel(failed, [{ level: 'step' }], ['step', 'full'])).toBe('full');
    }
    expect(pickLevel('step', [{ level: 'step' }], ['step'])).toBe('step');
  });

  it('is step for a step only where the strategy defines that level', () => {
    expect(pickLevel('step', [{ level: 'step' }], [])).toBe('step');
    expect(pickLevel('step', [], [])).toBe('phase');
    expect(pickLevel('gate', [{ level: 'step' }], [])).toBe('phase');
  });
});

describe('the landing', () => {
  it('of a step is the step before it, or what stands before its phase', () => {
    expect(landingOf('step', { phase: 'PHASE-2', step: 'D' }, phases)).toBe('C');
    expect(landingOf('step', { phase: 'PHASE-2', step: 'C' }, phases)).toBe('PHASE-1');
    expect(landingOf('step', { phase: 'PHASE-1', step: 'A' }, phases)).toBe('start');
  });

  it('of a phase is the phase before it', () => {
    expect(landingOf('phase', { phase: 'PHASE-2', step: 'D' }, phases)).toBe('PHASE-1');
    expect(landingOf('phase', { phase: 'PHASE-1', step: null }, phases)).toBe('start');
    expect(landingOf('phase', { phase: null, step: null }, phases)).toBe('PHASE-2');
  });

  it('has every later step behind it, last first', () => {
    const steps = (landing: string) => stepsAfter(landing, phases)?.map(({ step }) => step);
    expect(steps('start')).toEqual(['E', 'D', 'C', 'B', 'A']);
    expect(steps('PHASE-1')).toEqual(['E', 'D', 'C']);
    expect(steps('C')).toEqual(['E', 'D']);
    expect(steps('PHASE-3')).toEqual([]);
    expect(stepsAfter('nowhere', phases)).toBeNull();
  });
});
