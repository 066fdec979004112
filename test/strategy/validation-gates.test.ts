/** Validation gates within phases: where they stand, what they ask, and what follows when one fails. */
import { expect, test } from 'vitest';
import type { Plan } from '../../strategy/plan.js';
import { renderMermaid } from '../../strategy/render/mermaid.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { compileText, troubles } from './support/compile-text.js';

const BINDINGS = `
metrics: { error_rate: { unit: percent, command: errors } }
datasets: { T-1: { command: date } }
checks: { "Row counts match": { command: date } }
channels: { "#ops": { webhook: "http://127.0.0.1:1/hook" } }
`;

/** Two phases of two steps; the first has a gate of its own. */
function strategyWith(gates: string): string {
  const step = (id: string, order: number) =>
    `      - { step_id: ${id}, name: Step ${id}, order: ${order}, type: configuration, responsible_party: DBA, execution_details: { commands: [date] }, rollback_procedure: { can_rollback: true, rollback_steps: ["$ date"] } }`;
  return `metadata: { version: "1.0.0", migration_name: trial }
validation_strategy:
  validation_gates:
${gates.replace(/^/gm, '    ')}
migration_phases:
  - phase_id: PHASE-1
    name: Preparation
    order: 1
    steps:
${step('A-1', 1)}
${step('A-2', 2)}
    validation_gate: { gate_id: GATE-1, name: Prepared, criteria: [Row counts match], approval_required: true, approvers: [Lead, Owner] }
  - phase_id: PHASE-2
    name: Cut-over
    order: 2
    start_condition: ["VG-1 passed"]
    steps:
${step('B-1', 1)}
${step('B-2', 2)}
`;
}

function compiled(gates: string, more: { readonly unbound?: 'fail' } = {}) {
  return compileText({ strategy: strategyWith(gates), bindings: BINDINGS, ...more });
}

function planOf(gates: string): Plan {
  const { plan, problems } = compiled(gates);
  if (plan === null) throw new Error(JSON.stringify(problems));
  return plan;
}

function gateAt(location: string): string {
  return `- { gate_id: VG-1, name: Early, location: "${location}", type: automated, criteria: [{ criterion: Row counts match }] }`;
}

test.each([
  ['A-1', 'PHASE-1', 'A-1'],
  ['After A-1', 'PHASE-1', 'A-1'],
  ['after step a-1', 'PHASE-1', 'A-1'],
  ['Before A-2.', 'PHASE-1', 'A-1'],
  ['before A-1', 'PHASE-1', null],
  ['Step A-1', 'PHASE-1', 'A-1'],
  ['PHASE-1', 'PHASE-1', 'A-2'],
  ['At the end of Preparation', 'PHASE-1', 'A-2'],
  ['after phase 1', 'PHASE-1', 'A-2'],
  ['before PHASE-2', 'PHASE-1', 'A-2'],
  ['Between PHASE-1 and PHASE-2', 'PHASE-1', 'A-2'],
  ['between A-1 and A-2', 'PHASE-1', 'A-1'],
  ['pre-migration', 'PHASE-1', null],
])('the location "%s" is in %s after %s', (location, phase, after) => {
  const plan = planOf(gateAt(location));
  expect(plan.phases.find(({ id }) => id === phase)?.gates).toMatchObject([{ id: 'VG-1', after }]);
});

test.each(['When it is quiet', 'PHASE-9', 'between A-1 and B-1', 'Go-live'])(
  'the location "%s" is refused with the phases there are, not dropped',
  (location) => {
    const { problems, plan } = compiled(gateAt(location));
    expect(plan).toBeNull();
    expect(troubles(problems)).toContain('unclear-location /validation_strategy/validation_gates/0/location');
  },
);

test('a threshold over a bound metric, a bound criterion and a dataset are evaluated by machine', () => {
  const [gate] =
    planOf(`- gate_id: VG-1
  location: A-1
  type: automated
  criteria:
    - { criterion: Few errors, measurement: Error rate, threshold: "< 1%" }
    - { criterion: Row counts match, test_dataset_id: T-1 }`).phases[0]?.gates ?? [];
  expect(gate?.requirements.map(({ text, probe }) => `${text}: ${probe.how}`)).toEqual([
    'Few errors: < 1%: metric',
    'Row counts match: command',
    'dataset T-1: command',
  ]);
  expect(gate).toMatchObject({ approval: null, failureResponse: 'manual_decision' });
});

test('a criterion that a machine reads beside a threshold that it does not is asked, and check says why', () => {
  const { plan, coverage, problems } = compiled(`- gate_id: VG-1
  location: A-1
  type: automated
  criteria: [{ criterion: "Error rate < 5%", threshold: as last week }]`);
  expect(plan?.phases[0]?.gates?.[0]?.requirements).toEqual([
    { text: 'Error rate < 5% (as last week)', probe: { how: 'person' } },
  ]);
  expect(troubles(problems)).toContain('not-automated /validation_strategy/validation_gates/0/type');
  expect(coverage.sentences).toContainEqual(
    expect.objectContaining({ how: expect.stringContaining('"as last week" stands beside it') }),
  );
});

test('a manual gate is signed by who answers for its place, and none of its criteria is left to a machine', () => {
  const plan =
    planOf(`- { gate_id: VG-1, location: A-1, type: manual, criteria: [{ criterion: Row counts match }] }
- { gate_id: VG-2, location: PHASE-1, type: hybrid, criteria: [{ criterion: Row counts match }] }`);
  expect(plan.phases[0]?.gates).toMatchObject([
    { id: 'VG-1', approval: { approvers: ['DBA'] }, requirements: [{ probe: { how: 'person' } }] },
    { id: 'VG-2', approval: { approvers: ['Lead', 'Owner'] }, requirements: [{ probe: { how: 'command' } }] },
  ]);
});

test('its failure is told and answered as the strategy says, and plan and chart show it', () => {
  const plan = planOf(`- gate_id: VG-1
  name: Early
  location: A-1
  type: hybrid
  criteria: [{ criterion: Row counts match }]
  failure_handling: { response: rollback, notification: ["#ops"], escalation: Escalate to the Owner }`);
  expect(plan.phases[0]?.gates?.[0]).toMatchObject({
    failureResponse: 'rollback',
    escalation: { text: 'Escalate to the Owner', role: 'Owner' },
  });
  expect(plan.notices).toContainEqual(
    expect.objectContaining({ on: 'issue', channels: ['#ops'], gates: ['VG-1'], alerts: [] }),
  );
  const text = renderPlan(plan);
  expect(text.indexOf('A-1 Step A-1')).toBeLessThan(text.indexOf('VG-1 Early (gate)'));
  expect(text.indexOf('VG-1 Early (gate)')).toBeLessThan(text.indexOf('A-2 Step A-2'));
  expect(text).toContain('escalate Escalate to the Owner');
  expect(renderMermaid(plan)).toContain('gate_VG_2d_1 --> step_A_2d_2');
});

test('the state of a gate can be referred to behind it, and not before it', () => {
  expect(planOf(gateAt('PHASE-1')).phases[1]?.startConditions[0]?.probe).toEqual({
    how: 'state',
    fact: { kind: 'gate-passed', gate: 'VG-1' },
  });
  expect(troubles(compiled(gateAt('B-1')).problems)).toContain(
    'never-holds /migration_phases/1/start_condition/0',
  );
});
