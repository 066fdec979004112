import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEvent } from '../../../strategy/run/apply.js';
import type { Decision } from '../../../strategy/run/decision.js';
import type { EventBody } from '../../../strategy/run/event.js';
import { evaluateFact } from '../../../strategy/run/facts.js';
import type { MigrationView } from '../../../strategy/run/view.js';
import { describeEvent } from '../../../strategy/run/wording.js';
import { viewOf } from './sample.js';

const start = viewOf({ 'PHASE-1': ['A', 'B'], 'PHASE-2': ['C'] });

function played(happenings: readonly EventBody[], from: MigrationView = start): MigrationView {
  return happenings.reduce(
    (view, happening) => applyEvent(view, { seq: view.seq, at: '2026-01-01T00:00:00.000Z', ...happening }),
    from,
  );
}

function done(phase: string, step: string): EventBody[] {
  return [
    { type: 'step-started', phase, step, attempt: 1 },
    { type: 'undo-registered', phase, step },
    { type: 'step-status', phase, step, status: 'completed', reason: 'Done.' },
  ];
}

const decision: Decision = {
  id: 'approval:GATE-1',
  kind: 'approval',
  subject: 'GATE-1',
  question: 'Approve it?',
  options: ['approve', 'reject'],
  needs: [{ role: 'Lead', votes: 1 }],
  votes: [],
  openedAt: '2026-01-01T00:00:00.000Z',
  deadline: null,
  evidence: [],
  checklist: [],
  reasonFor: [],
  planHash: 'abc',
  evidenceHash: 'e',
  claimedBy: null,
};

describe('the view', () => {
  it('says who must decide while a decision is open, and continues when it is closed', () => {
    const waiting = played([{ type: 'decision-opened', decision }]);
    expect(waiting.status).toBe('waiting');
    expect(waiting.reason).toContain('Lead');
    expect(waiting.reason).toContain('approval:GATE-1');
    const closed = played(
      [{ type: 'decision-closed', decision: decision.id, option: 'approve', reason: '' }],
      waiting,
    );
    expect(closed.status).toBe('running');
    expect(closed.decisions).toEqual([]);
  });

  it('keeps the votes of a gate with the gate', () => {
    const vote = { by: 'Lead', role: 'Lead', option: 'approve', reason: null, at: '' } as const;
    const voted = played([
      { type: 'decision-opened', decision },
      { type: 'vote-cast', decision: decision.id, vote },
    ]);
    expect(voted.phases[0]?.gate?.votes).toEqual([vote]);
    expect(voted.decisions[0]?.votes).toEqual([vote]);
  });

  it('keeps in sight what people decided against what the machine saw, and nothing else', () => {
    const failed: Decision = {
      ...decision,
      ...{ id: 'failure:A', kind: 'failure', subject: 'A', options: ['retry', 'skip'], reasonFor: ['skip'] },
    };
    const vote = { by: 'Lead', role: 'Lead', option: 'skip', reason: 'known and harmless', at: '' } as const;
    const closed = (option: 'skip' | 'retry') =>
      played([
        { type: 'decision-opened', decision: failed },
        { type: 'vote-cast', decision: failed.id, vote: { ...vote, option } },
        { type: 'decision-closed', decision: failed.id, option, reason: '' },
      ]).overrides;
    expect(closed('skip')).toMatchObject([
      { decision: 'failure:A', subject: 'A', option: 'skip', by: ['Lead'], reason: 'known and harmless' },
    ]);
    expect(closed('retry')).toBeUndefined();
  });

  it('lists what is applied in order, and takes off what is undone', () => {
    const both = played([...done('PHASE-1', 'A'), ...done('PHASE-1', 'B')]);
    expect(both.applied).toEqual(['A', 'B']);
    const undone = played([{ type: 'step-undone', phase: 'PHASE-1', step: 'B', reason: '' }], both);
    expect(undone.applied).toEqual(['A']);
    expect(undone.phases[0]?.steps[1]).toMatchObject({ status: 'rolled_back', undone: 1, actionsDone: 0 });
  });

  it('is paused by a person, and a decision still shows through', () => {
    const paused = played([{ type: 'paused', by: 'bob', reason: null }]);
    expect(paused.status).toBe('paused');
    expect(paused.reason).toContain('bob');
    expect(played([{ type: 'decision-opened', decision }], paused).status).toBe('waiting');
  });

  it('starts again behind the landing only', () => {
    const applied = played([
      ...done('PHASE-1', 'A'),
      ...done('PHASE-1', 'B'),
      { type: 'gate-status', phase: 'PHASE-1', gate: 'GATE-1', status: 'passed', reason: '' },
      { type: 'phase-status', phase: 'PHASE-1', status: 'completed', reason: '' },
      ...done('PHASE-2', 'C'),
    ]);
    const rolled = played(
      [
        { type: 'rollback-started', number: 1, level: 'phase', landing: 'PHASE-1', cause: 'x', by: null },
        { type: 'step-undone', phase: 'PHASE-2', step: 'C', reason: '' },
        { type: 'rollback-finished', landing: 'PHASE-1', reason: '' },
      ],
      applied,
    );
    expect(rolled.phases.map(({ status }) => status)).toEqual(['completed', 'pending']);
    const again = played([{ type: 'returned', landing: 'PHASE-1', by: 'bob' }], rolled);
    expect(again.phases[1]?.steps[0]).toMatchObject({ status: 'pending', undone: 1 });
    expect(again.phases[0]?.gate?.status).toBe('passed');
    expect(evaluateFact(again, { kind: 'all-gates-passed' }).verdict).toBe('fail');
  });

  it('never changes once the run has ended', () => {
    const ended = played([{ type: 'run-ended', status: 'rolled_back', landing: 'start', reason: 'because' }]);
    expect(played([{ type: 'resumed', by: 'bob', reason: null }], ended)).toMatchObject({
      status: 'rolled_back',
      reason: 'because',
      landing: 'start',
    });
  });
});

const id = fc.constantFrom('A', 'B', 'C', 'PHASE-1', 'PHASE-2', 'GATE-1', 'start', 'nowhere', '__proto__');
const anyHappening: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({ type: fc.constant('step-started' as const), phase: id, step: id, attempt: fc.nat() }),
  fc.record({ type: fc.constant('undo-registered' as const), phase: id, step: id }),
  fc.record({ type: fc.constant('step-undone' as const), phase: id, step: id, reason: fc.string() }),
  fc.record({ type: fc.constant('rollback-finished' as const), landing: id, reason: fc.string() }),
  fc.record({ type: fc.constant('returned' as const), landing: id, by: fc.string() }),
  fc.record({
    type: fc.constant('rollback-started' as const),
    number: fc.nat(),
    level: fc.constantFrom('step' as const, 'phase' as const, 'full' as const),
    landing: id,
    cause: fc.string(),
    by: fc.constant(null),
  }),
  fc.record({
    type: fc.constant('gate-status' as const),
    phase: id,
    gate: id,
    status: fc.constantFrom('evaluating' as const, 'waiting' as const, 'passed' as const, 'failed' as const),
    reason: fc.string(),
  }),
  fc.record({
    type: fc.constant('step-status' as const),
    phase: id,
    step: id,
    status: fc.constantFrom(
      'running' as const,
      'completed' as const,
      'failed' as const,
      'rollback_failed' as const,
    ),
    reason: fc.string(),
  }),
  fc.record({ type: fc.constant('paused' as const), by: fc.string(), reason: fc.constant(null) }),
  fc.constant<EventBody>({ type: 'decision-opened', decision }),
  fc.constant<EventBody>({ type: 'decision-closed', decision: decision.id, option: null, reason: '' }),
);

describe('any sequence of events', () => {
  it('can be applied and told, keeps every phase and step in place, and lists nothing as applied twice', () => {
    const skeleton = (view: MigrationView) =>
      view.phases.map(({ id, steps }) => [id, steps.map((step) => step.id)]);
    fc.assert(
      fc.property(fc.array(anyHappening), (happenings) => {
        const view = played(happenings);
        expect(skeleton(view)).toEqual(skeleton(start));
        expect(view.seq).toBe(happenings.length);
        expect(view.reason).not.toBe('');
        expect(new Set(view.applied).size).toBe(view.applied.length);
        expect(JSON.parse(JSON.stringify(view))).toEqual(view);
        for (const happening of happenings) describeEvent({ seq: 0, at: '', ...happening });
      }),
    );
  });
});
