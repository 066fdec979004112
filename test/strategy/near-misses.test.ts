import { expect, test } from 'vitest';
import { slip } from '../../strategy/slip.js';
import { strictly } from '../../strategy/strict.js';
import { compileText, type Given, stepOf } from './support/compile-text.js';

const BINDINGS = `
connections: { shop: { postgres: "\${env:SHOP_URL}" } }
checks: { All services are healthy: { command: "true" } }
metrics: { connections: { command: echo 1 } }
datasets: { CONTACTS-EQUAL: { command: "true" } }
roles: { Application lead: { members: [ann] }, DBA: { members: [bob] } }
channels: { "#alerts": { webhook: "\${env:HOOK}" } }
`;

const STEP = 'responsible_party: DBA\nexecution_details: { commands: [date] }';

function given(
  fields: string,
  more: { gate?: string; beside?: string; bindings?: string; strict?: boolean } = {},
): Given {
  return {
    strategy: `metadata: { version: "1", migration_name: trial }
${more.beside ?? ''}
migration_phases:
  - phase_id: EXPAND
    name: One
    order: 1
    steps:
${stepOf('EXPAND-1', 1, `${STEP}\n${fields}`).replace(/^/gm, '      ')}
    validation_gate: { gate_id: GATE-EXPAND, criteria: [fine]${more.gate ?? ''} }
  - phase_id: MOVE
    name: Two
    order: 2
    start_condition: ["GATE-EXPAND passed"]
    steps:
${stepOf('MOVE-1', 1, STEP).replace(/^/gm, '      ')}
`,
    bindings: BINDINGS + (more.bindings ?? ''),
    strict: more.strict ?? false,
  };
}

/** `severity code: advice` of what is found, and with `--strict`. */
function found(what: Given): { readonly plain: readonly string[]; readonly strict: readonly string[] } {
  const brief = (problems: ReturnType<typeof compileText>['problems']) =>
    problems.map(({ severity, code, advice }) => `${severity} ${code}: ${advice}`);
  return {
    plain: brief(compileText(what).problems),
    strict: brief(strictly(compileText({ ...what, strict: true }).problems)),
  };
}

test.each<[string, Given, string]>([
  ['an id', given('preconditions: ["GATE-EXPANDD passed"]'), 'GATE-EXPAND'],
  ['an id in prose', given('preconditions: ["Everybody likes GATE-EXPADN"]'), 'GATE-EXPAND'],
  ['a metric', given('validation: { validation_checks: ["Conections < 80%"] }'), 'connections'],
  ['a metric to watch', given('monitoring: { metrics_to_watch: [conections] }'), 'connections'],
  ['a metric in an alert', given('monitoring: { alert_conditions: ["conections > 80%"] }'), 'connections'],
  ['a dataset', given('validation: { test_dataset_ids: [CONTACTS-EQAL] }'), 'CONTACTS-EQUAL'],
  [
    'a bound sentence',
    given('validation: { validation_checks: [All service are healthy] }'),
    'All services are healthy',
  ],
  [
    'a bound sentence that a script covers',
    {
      ...given('validation: { validation_checks: [All service are healthy], validation_script: ok.sh }'),
      files: { 'ok.sh': {} },
    },
    'All services are healthy',
  ],
  [
    'a role',
    given('', { gate: ', approval_required: true, approvers: [Aplication lead]' }),
    'Application lead',
  ],
  [
    'SQL in a way back',
    given('rollback_procedure: { can_rollback: true, rollback_steps: [dorp table cart] }'),
    'drop',
  ],
  [
    'a channel',
    given('', {
      beside:
        'monitoring_and_observability: { migration_monitoring: [{ metric_name: connections, critical_threshold: "> 90", alert_channels: ["#alrts"] }] }',
    }),
    '#alerts',
  ],
])(
  '%s that is one slip away is a warning with the suggestion, and an error with --strict',
  (_, what, meant) => {
    expect(found(what)).toEqual({
      plain: [`warning near-miss: Did you mean "${meant}"?`],
      strict: [`error near-miss: Did you mean "${meant}"?`],
    });
  },
);

test('a freeze or window whose binding was renamed is a warning that names the constraint left without one', () => {
  const what = given('', {
    beside:
      'migration_overview: { constraints: { business_constraints: [No changes in the week of the sale] } }',
    bindings: 'freezes: { Hands off during the sale: { from: 2026-07-20, to: 2026-08-02 } }',
  });
  const advice = 'Bind it under the exact words of the constraint: "No changes in the week of the sale".';
  expect(found(what)).toEqual({
    plain: [`warning idle-calendar: ${advice}`],
    strict: [`error idle-calendar: ${advice}`],
  });
});

test('SQL without a prefix in a way back is a warning: a person would be asked to run it', () => {
  const what = given('rollback_procedure: { can_rollback: true, rollback_steps: [drop table cart] }');
  expect(found(what).plain).toEqual(['warning bare-sql: Put "sql: " in front of it to have it run.']);
});

test('an open role is an error with --strict only', () => {
  const what = given('', { gate: ', approval_required: true, approvers: [Product lead]' });
  expect(found(what)).toEqual({
    plain: [],
    strict: ['error open-role: Add it under "roles" with its members.'],
  });
});

test('of two open roles the rarer one is the slip', () => {
  const gate = ', approval_required: true, approvers: [Product lead]';
  const beside =
    'success_criteria: { migration_complete_definition: { approvers: [Product lead, Prodct lead] } }';
  expect(found(given('', { gate, beside })).plain).toEqual([
    'warning near-miss: Did you mean "Product lead"?',
  ]);
});

test('what is not a slip is left alone', () => {
  const fields = `preconditions: [Backups are complete, "JIRA-12 closed", "EXPAND is what we do"]
validation: { validation_checks: [All pods are healthy, "Latency < 80%", "Show the table to Bob"], test_dataset_ids: [ORDERS-EQUAL] }
rollback_procedure: { can_rollback: true, rollback_steps: [Drop the column by hand, Restore from backup] }`;
  expect(found(given(fields)).plain).toEqual([]);
});

test.each([
  ['STEP-1', 'STEP-2', false],
  ['GATE-EXPANDD', 'GATE-EXPAND', true],
  ['gate expand', 'GATE-EXPAND', false],
  ['aplication laed', 'Application lead', true],
  ['code', 'node', false],
  ['abc', 'abd', false],
  ['creat', 'create', true],
])('%s is a slip of %s: %s', (name, candidate, expected) => {
  expect(slip(name, [candidate])).toBe(expected ? candidate : null);
});
