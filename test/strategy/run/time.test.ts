import { describe, expect, it } from 'vitest';
import { applyEvent } from '../../../strategy/run/apply.js';
import type { EventBody } from '../../../strategy/run/event.js';
import { timesAt } from '../../../strategy/run/time.js';
import type { MigrationView } from '../../../strategy/run/view.js';
import { viewOf } from './sample.js';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();

function happen(view: MigrationView, seconds: number, happening: EventBody): MigrationView {
  return applyEvent(view, { seq: view.seq, at: at(seconds), ...happening });
}

describe('the time of a run', () => {
  it('is worked while it runs, and waited while people must answer or have paused it', () => {
    let view = viewOf({ P: ['A'] });
    view = happen(view, 10, { type: 'paused', by: 'alice', reason: null });
    view = happen(view, 25, { type: 'resumed', by: 'alice', reason: null });
    view = happen(view, 27, { type: 'continued' });
    expect([view.worked, view.waited, view.asOf]).toEqual([12_000, 15_000, at(27)]);
    expect(timesAt(view, Date.parse(at(30))).worked).toBe(15_000);
  });
});

describe('the time of a step', () => {
  it('is told apart into work and waiting while a pause holds it up, and a step that has not begun waits for nobody', () => {
    let view = viewOf({ P: ['A', 'B'] });
    view = happen(view, 10, { type: 'step-started', phase: 'P', step: 'A', attempt: 1 });
    view = happen(view, 20, { type: 'paused', by: 'alice', reason: null });
    view = happen(view, 50, { type: 'resumed', by: 'alice', reason: null });
    view = happen(view, 60, { type: 'step-status', phase: 'P', step: 'A', status: 'completed', reason: '' });
    expect(view.phases[0]?.steps.map(({ waited }) => waited)).toEqual([30_000, undefined]);
  });
});

describe('waitingUntil', () => {
  it('is the end of a soak, and null as soon as the step continues', () => {
    const soaking = { type: 'step-status', phase: 'P', step: 'A', status: 'soaking', reason: '' } as const;
    let view = happen(viewOf({ P: ['A'] }), 1, { ...soaking, until: at(60) });
    expect(view.waitingUntil).toBe(at(60));
    view = happen(view, 2, { type: 'message-refused', message: 'x', by: 'y', why: 'z' });
    expect(view.waitingUntil).toBe(at(60));
    view = happen(view, 60, { ...soaking, status: 'completed' });
    expect(view.waitingUntil).toBeNull();
  });
});
