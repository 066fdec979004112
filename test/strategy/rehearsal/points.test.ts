/** Which points a plan is rehearsed at, and what its people do there. */
import { describe, expect, test } from 'vitest';
import { ballotsFor, choose, REHEARSER } from '../../../strategy/rehearsal/actor.js';
import { onlyAt, pointId, pointsOf } from '../../../strategy/rehearsal/points.js';
import { checkBallot } from '../../../strategy/run/ballot.js';
import { type Decision, hashEvidence, OPTIONS, type Option } from '../../../strategy/run/decision.js';
import { electorateOf } from '../../../strategy/run/electorate.js';
import { gate, phase, step, strategy } from '../../support/strategies.js';
import { planOf } from '../support/compile-text.js';

const plan = planOf({
  strategy: JSON.stringify(
    strategy(
      [
        phase('P1', 1, [step('S1', 1, { commands: ['$ one', '$ two'] })], gate('GATE-1')),
        phase('P2', 2, [step('S2', 1, { undo: false }), step('S3', 2)]),
      ],
      {
        rollback_strategy: {
          rollback_levels: [
            { level: 'step', description: 'One', decision_maker: 'Lead' },
            { level: 'phase', description: 'Some', decision_maker: 'Lead' },
            { level: 'full', description: 'All', decision_maker: 'Lead' },
          ],
        },
      },
    ),
  ),
  bindings: JSON.stringify({
    roles: { Lead: { members: ['ann', 'bob', 'cid'], votes: 2 }, Owner: { members: ['ann'] } },
  }),
});

describe('the points of a plan', () => {
  test('are straight through, four per action, one per undo, gate and level', () => {
    const injuries = (action: string) =>
      ['before', 'killed', 'after', 'timed-out'].map((how) => `${action}.${how}`);
    expect(pointsOf(plan).map(pointId)).toEqual([
      'straight',
      ...injuries('S1.1'),
      ...injuries('S1.2'),
      'S1.undo-twice',
      'GATE-1.rejected',
      // A point of no return has no undo to repeat.
      ...injuries('S2.1'),
      ...injuries('S3.1'),
      'S3.undo-twice',
      'level.step',
      'level.phase',
      'level.full',
    ]);
  });

  test('--only keeps those of one step or gate, and the straight run that measures', () => {
    expect(onlyAt(pointsOf(plan), 'GATE-1').map(pointId)).toEqual(['straight', 'GATE-1.rejected']);
    expect(onlyAt(pointsOf(plan), 'S3').map(pointId)).toContain('S3.undo-twice');
    expect(onlyAt(pointsOf(plan), 'NONE').map(pointId)).toEqual(['straight']);
  });

  test('a phase with a rollback point has one at its last action, unless it is a point of no return', () => {
    const of = (point: object) =>
      pointsOf(
        planOf({
          strategy: JSON.stringify(
            strategy([
              phase('P1', 1, [step('S1', 1)]),
              phase('P2', 2, [step('S2', 1), step('S3', 2)], point),
            ]),
          ),
          bindings: 'datasets: { BACK-2: { command: test-it } }',
        }),
      );
    const points = of({ rollback_point: { can_rollback_from_here: true, rollback_test_id: 'BACK-2' } });
    const expected = {
      ...{ kind: 'rollback-point', phase: 'P2', step: 'S3', index: 0, landing: 'P1', test: 'BACK-2' },
    };
    expect(points.filter(({ kind }) => kind === 'rollback-point')).toEqual([expected]);
    expect(onlyAt(points, 'P2').map(pointId)).toEqual(['straight', 'P2.rollback-point']);
    const without = of({ rollback_point: { can_rollback_from_here: false } });
    expect(without.filter(({ kind }) => kind === 'rollback-point')).toEqual([]);
  });

  test('a level lands before the last step, before its phase, or at the start', () => {
    const landings = pointsOf(plan).flatMap((point) => (point.kind === 'level' ? [point.landing] : []));
    expect(landings).toEqual(['S2', 'P1', 'start']);
  });
});

function asked(kind: Decision['kind'], subject: string, needs: Decision['needs'] = []): Decision {
  return {
    ...{ id: `${kind}:${subject}`, kind, subject, question: '?', options: OPTIONS[kind], needs, votes: [] },
    ...{ openedAt: '2026-01-01T00:00:00.000Z', deadline: null, evidence: [], checklist: [], reasonFor: [] },
    ...{ planHash: plan.hash, evidenceHash: hashEvidence([]), claimedBy: null },
  };
}

describe('the people of a rehearsal', () => {
  const rejected = { kind: 'gate', gate: 'GATE-1', phase: 'P1' } as const;

  test('reject the gate of the point only', () => {
    expect(choose(asked('approval', 'GATE-1'), rejected, 0)).toBe('reject');
    expect(choose(asked('approval', 'GATE-2'), rejected, 0)).toBe('approve');
    expect(choose(asked('rollback-approval', 'GATE-1'), rejected, 0)).toBe('approve');
  });

  test('go all the way back after a failure, and retry an undo before they give it up', () => {
    expect(choose(asked('failure', 'S1'), rejected, 0)).toBe('rollback-full');
    expect(choose(asked('after-rollback', 'P1'), rejected, 0)).toBe('rollback-further');
    const undo = asked('undo-failure', 'S1');
    expect([0, 1, 2].map((before) => choose(undo, rejected, before))).toEqual(['retry', 'retry', 'skip']);
  });

  test('go forward once after the rollback of a level', () => {
    const level = { kind: 'level', level: 'step', step: 'S3', index: 0, landing: 'S2' } as const;
    const after = asked('after-rollback', 'S2');
    expect([0, 1].map((before) => choose(after, level, before))).toEqual(['retry', 'rollback-further']);
  });

  const kinds = Object.keys(OPTIONS) as readonly Decision['kind'][];
  test.each(kinds)('cast votes on %s that count, the same for the same seed', (kind) => {
    const decision = asked(kind, 'GATE-1', [
      { role: 'Lead', votes: 2 },
      { role: 'Owner', votes: 1 },
    ]);
    const option: Option = choose(decision, { kind: 'straight' }, 0);
    const ballots = ballotsFor(decision, option, plan, 7);
    expect(ballots).toEqual(ballotsFor(decision, option, plan, 7));
    let open = decision;
    for (const ballot of ballots) {
      const check = checkBallot(open, ballot, electorateOf(plan, REHEARSER), new Date(0));
      expect(check).toMatchObject({ accepted: true });
      if (check.accepted) open = { ...open, votes: [...open.votes, { ...check.vote, at: open.openedAt }] };
    }
    // Ann is the only owner, so the two leads are the others.
    expect(ballots.map(({ by }) => by).sort()).toEqual(['ann', 'bob', 'cid']);
  });
});
