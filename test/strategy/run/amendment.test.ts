/** What an amendment may change, and whose approval it needs. */
import { describe, expect, it } from 'vitest';
import { hashPlan } from '../../../strategy/hash.js';
import type { Plan } from '../../../strategy/plan.js';
import { amendedView } from '../../../strategy/run/amended-view.js';
import { amendmentOf } from '../../../strategy/run/amendment.js';
import { initialView } from '../../../strategy/run/apply.js';
import { outlineOf } from '../../../strategy/run/outline.js';
import type { MigrationView, StepStatus } from '../../../strategy/run/view.js';
import { planOf, stepOf, strategyOf } from '../support/compile-text.js';

const steps = (wrong: string) =>
  [
    stepOf('A', 1, "execution_details: { commands: ['true'] }"),
    stepOf('B', 2, `execution_details: { commands: ['${wrong}'] }`),
  ].join('\n');
const plan = (wrong = 'false', bindings = 'roles: { Lead: { members: [alice] } }') =>
  planOf({ strategy: strategyOf(steps(wrong)), bindings });

function rehashed(changed: Plan): Plan {
  const { hash: _old, ...rest } = changed;
  return { ...rest, hash: hashPlan(rest) };
}

/** A paused run of the plan whose step A has this status. */
function pausedView(of: Plan, status: StepStatus = 'completed'): MigrationView {
  const view = initialView('run-1', {
    ...{ type: 'run-started', at: '2026-01-01T00:00:00.000Z', by: 'alice', plan: of.hash, steps: 2 },
    ...{ compress: 1, onFailure: 'strategy', outline: outlineOf(of) },
  });
  const phases = view.phases.map((phase) => ({
    ...phase,
    steps: phase.steps.map((step) => (step.id === 'A' ? { ...step, status, attempts: 1 } : step)),
  }));
  return {
    ...view,
    phases,
    applied: status === 'completed' ? ['A'] : [],
    status: 'paused',
    pausedBy: 'alice',
  };
}
const inFirst = (of: Plan, change: (phase: Plan['phases'][number]) => Plan['phases'][number]) =>
  rehashed({ ...of, phases: of.phases.map((phase, index) => (index === 0 ? change(phase) : phase)) });
const withGate = (of: Plan) =>
  inFirst(of, (phase) => ({
    ...phase,
    gate: {
      ...{ id: 'G', name: 'Gate', requirements: [], failureResponse: 'block' },
      approval: { approvers: ['Lead'] },
    },
  }));

describe('an amendment', () => {
  it('may change what is ahead, and names each part that differs', () => {
    const before = plan();
    expect(amendmentOf(before, plan('true'), pausedView(before))).toEqual({
      changes: ['step B changes'],
      approvers: [],
    });
  });

  it('may not change an applied step, nor put a step before it', () => {
    const before = plan();
    const shifted = inFirst(before, (phase) => ({ ...phase, steps: phase.steps.toReversed() }));
    expect(amendmentOf(before, shifted, pausedView(before))).toMatchObject({
      why: expect.stringContaining('must stay as it is'),
    });
  });

  it('may change a step that was undone', () => {
    const before = plan();
    const shorter = inFirst(before, (phase) => ({ ...phase, steps: phase.steps.slice(1) }));
    expect(amendmentOf(before, shorter, pausedView(before, 'rolled_back'))).toMatchObject({
      changes: expect.arrayContaining(['step A is removed']),
    });
  });

  it.each(['running', 'validating', 'soaking', 'rolling_back', 'rollback_failed'] as const)(
    'waits while a step is %s',
    (status) => {
      const before = plan();
      expect(amendmentOf(before, plan('true'), pausedView(before, status))).toHaveProperty('why');
    },
  );

  it('needs a run that waits or is paused, and another plan', () => {
    const before = plan();
    const running = { ...pausedView(before), status: 'running' } as const;
    expect(amendmentOf(before, plan('true'), running)).toMatchObject({
      why: expect.stringContaining('Pause it first'),
    });
    expect(amendmentOf(before, before, pausedView(before))).toMatchObject({
      why: expect.stringContaining('nothing has changed'),
    });
  });

  it('may not change who decides', () => {
    const before = plan();
    const after = plan('true', 'roles: { Lead: { members: [mallory] } }');
    expect(amendmentOf(before, after, pausedView(before))).toMatchObject({
      why: expect.stringContaining('who decides'),
    });
  });

  it('needs the approvers of the gate also when it takes that gate away', () => {
    const before = withGate(plan());
    expect(amendmentOf(before, plan(), pausedView(before))).toEqual({
      changes: ['gate G is removed'],
      approvers: ['Lead'],
    });
  });

  it('keeps the state of what was carried out, and how often a step was tried', () => {
    const before = plan();
    const after = plan('true');
    const view = amendedView(pausedView(before), outlineOf(after), after.hash);
    expect(view.strategy.hash).toBe(after.hash);
    expect(view.phases[0]?.steps).toMatchObject([
      { id: 'A', status: 'completed', attempts: 1 },
      { id: 'B', status: 'pending', attempts: 0 },
    ]);
  });

  it('brings its own milestones, or none', () => {
    const before = plan();
    const timeline = { milestones: [], criticalPath: [], bufferPercentage: 20 };
    const view = { ...pausedView(before), timeline };
    expect(amendedView(view, outlineOf(before), before.hash).timeline).toBeUndefined();
    const later = { ...timeline, bufferPercentage: 30 };
    expect(amendedView(view, outlineOf({ ...before, timeline: later }), before.hash).timeline).toEqual(later);
  });
});
