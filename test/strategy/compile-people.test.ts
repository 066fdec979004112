/** Groups, delegations, escalation and the channels of roles: what the plan carries of them, and what is wrong with them. */
import { describe, expect, it } from 'vitest';
import { compileText, planOf, stepOf, strategyOf, troubles } from './support/compile-text.js';

const strategy = strategyOf(stepOf('A', 1, 'responsible_party: Ops'));
const ROLES = `groups: { dba: [dora, dan] }
roles: { Ops: { members: ["group:dba", erin], votes: 3 }, Head: { members: [hanna] } }`;

const plan = (bindings: string) => planOf({ strategy, bindings: `${ROLES}\n${bindings}` });
const wrong = (bindings: string, roles = ROLES) =>
  troubles(
    compileText({ strategy, bindings: `${roles}\n${bindings}` }).problems.filter(
      ({ code, severity }) => severity === 'error' || code === 'near-miss',
    ),
  );

describe('groups', () => {
  it('stand for their people in the roles that list them', () => {
    expect(plan('').bindings.roles.Ops).toEqual({ members: ['dora', 'dan', 'erin'], votes: 3 });
  });

  it('that the bindings do not name belong to the identity provider, however many it has in them', () => {
    const bindings = 'roles: { Ops: { members: ["group:sso"], votes: 2 } }';
    expect(planOf({ strategy, bindings }).bindings.roles.Ops?.members).toEqual(['group:sso']);
  });

  it.each([
    ['of groups', 'groups: { a: ["group:b"] }', ['nested-group /groups/a/0']],
    [
      'mistyped in a role',
      'groups: { operators: [a] }\nroles: { Ops: { members: ["group:operator"] } }',
      ['near-miss /roles/Ops/members/0'],
    ],
  ])('%s are told', (_name, bindings, expected) => {
    expect(wrong(bindings, '')).toEqual(expected);
  });

  it('that no role lists are told as bound to nothing', () => {
    const { coverage } = compileText({ strategy, bindings: 'groups: { nobody: [a] }' });
    expect(coverage.unusedBindings).toContain('groups: nobody');
  });
});

describe('delegations', () => {
  it('count from the start of the first day to the end of the last one', () => {
    const { delegations } = plan(
      'delegations: [{ from: dora, to: hanna, since: 2026-12-20, until: 2026-12-24, roles: [Ops] }]',
    );
    expect(delegations).toEqual([
      {
        from: 'dora',
        to: 'hanna',
        since: '2026-12-20T00:00:00.000Z',
        until: '2026-12-25T00:00:00.000Z',
        roles: ['Ops'],
      },
    ]);
  });

  const one = (fields: string) => `delegations: [{ ${fields} }]`;
  it.each([
    [
      'of somebody without a role',
      one('from: dorra, to: hanna, until: 2026-12-24'),
      ['unknown-person /delegations/0/from'],
    ],
    ['to oneself', one('from: dora, to: dora, until: 2026-12-24'), ['bad-delegation /delegations/0/to']],
    [
      'without a real date',
      one('from: dora, to: hanna, until: Christmas'),
      ['bad-date /delegations/0/until'],
    ],
    [
      'that end before they begin',
      one('from: dora, to: hanna, since: 2026-12-25, until: 2026-12-24'),
      ['bad-delegation /delegations/0/until'],
    ],
    [
      'of a role that nobody knows',
      one('from: dora, to: hanna, until: 2026-12-24, roles: [Opps]'),
      ['unknown-role /delegations/0/roles/0'],
    ],
    [
      'of a role of others',
      one('from: dora, to: erin, until: 2026-12-24, roles: [Head]'),
      ['not-held /delegations/0/roles/0'],
    ],
    [
      'in a circle',
      'delegations: [{ from: dora, to: hanna, until: 2026-12-24 }, { from: hanna, to: dora, until: 2026-12-24 }]',
      ['delegation-cycle /delegations/0/to', 'delegation-cycle /delegations/1/to'],
    ],
    [
      'that are passed on',
      'delegations: [{ from: dora, to: hanna, until: 2026-12-24 }, { from: hanna, to: erin, until: 2026-12-24 }]',
      ['delegation-chain /delegations/0/to'],
    ],
    [
      'one after the other',
      'delegations: [{ from: dora, to: hanna, until: 2026-12-24 }, { from: hanna, to: erin, since: 2026-12-25, until: 2026-12-31 }]',
      [],
    ],
  ])('%s', (_name, bindings, expected) => {
    expect(wrong(bindings)).toEqual(expected);
  });
});

describe('escalation', () => {
  it('says when a role is reminded, and who is asked then', () => {
    const bindings =
      'escalation: { Ops: { remind: 1 hour, after: PT4H, to: Head }, Head: { after: 2 hours } }';
    expect(plan(bindings).escalation).toEqual({
      Ops: { remindMs: 3_600_000, afterMs: 14_400_000, to: 'Head' },
      Head: { remindMs: null, afterMs: 7_200_000, to: null },
    });
  });

  it('gives the next role no authority over the run', () => {
    expect(plan('escalation: { Ops: { after: 1 hour, to: Head } }').authority.abort).toEqual(['Ops']);
  });

  it.each([
    [
      'of a role that nobody knows',
      'escalation: { Opps: { remind: 1 hour } }',
      ['unknown-role /escalation/Opps'],
    ],
    [
      'to a role that nobody knows',
      'escalation: { Ops: { after: 1 hour, to: Haed } }',
      ['unknown-role /escalation/Ops/to'],
    ],
    ['without a time', 'escalation: { Ops: { to: Head } }', ['bad-escalation /escalation/Ops/to']],
    ['of no time at all', 'escalation: { Ops: { after: 0 s } }', ['bad-duration /escalation/Ops/after']],
    [
      'with reminders every second',
      'escalation: { Ops: { remind: 1 s } }',
      ['bad-duration /escalation/Ops/remind'],
    ],
    [
      'in a circle',
      'escalation: { Ops: { after: 1 hour, to: Head }, Head: { after: 1 hour, to: Ops } }',
      ['escalation-cycle /escalation/Ops/to'],
    ],
  ])('%s is an error', (_name, bindings, expected) => {
    expect(wrong(bindings)).toEqual(expected);
  });
});

describe('the channels of a role', () => {
  const roles =
    'channels: { "#ops": { slack: "${env:S}" } }\nroles: { Ops: { members: [a], channels: ["#ops"] } }';

  it('hear of the decisions that ask it', () => {
    const { notices } = planOf({ strategy, bindings: roles });
    expect(notices.map(({ on, channels, role }) => [on, channels, role])).toEqual([
      ['decision', ['#ops'], 'Ops'],
      ['overdue', ['#ops'], 'Ops'],
    ]);
  });

  it('must be bound', () => {
    expect(wrong('', roles.replace('["#ops"]', '["#opps"]'))).toEqual([
      'unknown-channel /roles/Ops/channels/0',
    ]);
  });
});
