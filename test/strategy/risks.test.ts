import { expect, test } from 'vitest';
import { describeStatus } from '../../cli/show/status.js';
import { plain } from '../../cli/terminal.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { riskEvidence, risksOfPhase, risksOfStep } from '../../strategy/run/risks.js';
import { phase, step, view } from '../cli/fixtures.js';
import { compileText, planOf, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = `
metrics: { errors: { unit: percent, command: errors } }
datasets: { T-1: { command: date } }
`;
const STEPS = [stepOf('STEP-1', 1, ''), stepOf('STEP-2', 2, '')].join('\n');

function given(...risks: readonly string[]) {
  const lines = risks.map((risk) => `    - { ${risk} }`).join('\n');
  return {
    strategy: strategyOf(STEPS, `risk_mitigation:\n  migration_risks:\n${lines}`),
    bindings: BINDINGS,
  };
}

const OF_A_STEP =
  'risk_id: R-1, description: Orders are lost, impact: critical, affected_steps: [STEP-2], contingency: { trigger: "errors > 5%", action: Restore, responsible_party: SRE }';
const OF_ALL = 'risk_id: R-2, description: It gets slow, mitigation: { response_procedure: Wait }';

test('the trigger of a contingency is watched in the steps it affects, and its responsible party is asked', () => {
  const [first, second] = planOf(given(OF_A_STEP)).phases[0]?.steps ?? [];
  expect(first?.watch).toBeNull();
  expect(second?.watch?.conditions).toMatchObject([
    { text: 'R-1: errors > 5%; contingency: Restore', onFire: 'fail', responsible: 'SRE' },
  ]);
});

test('a trigger that no machine reads is shown to a person, and said so by check', () => {
  const { coverage } = compileText(given('risk_id: R-1, contingency: { trigger: Users complain }'));
  expect(coverage.sentences).toContainEqual(
    expect.objectContaining({ text: 'Users complain', kind: 'person' }),
  );
});

test('whoever decides sees the risks of what is decided: those of a step, of its phase, and those of everything', () => {
  const { risks = [], phases } = planOf(given(OF_A_STEP, OF_ALL));
  const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
  expect(ids(risksOfStep(risks, 'PHASE-1', 'STEP-1'))).toEqual(['R-2']);
  expect(ids(risksOfStep(risks, 'PHASE-1', 'STEP-2'))).toEqual(['R-1', 'R-2']);
  const [phase] = phases;
  expect(phase && ids(risksOfPhase(risks, phase))).toEqual(['R-1', 'R-2']);
  expect(riskEvidence(risks)).toMatchObject([
    {
      text: 'risk R-1: Orders are lost (critical impact)',
      verdict: null,
      evidence: 'if errors > 5%: Restore (SRE)',
    },
    { text: 'risk R-2: It gets slow', verdict: null, evidence: 'response: Wait' },
  ]);
});

test('the plan shows a risk where it strikes', () => {
  const text = renderPlan(planOf(given(OF_A_STEP, OF_ALL)));
  expect(text.indexOf('risk     R-2')).toBeLessThan(text.indexOf('STEP-1 STEP-1'));
  expect(text.indexOf('risk     R-1')).toBeGreaterThan(text.indexOf('STEP-2 STEP-2'));
});

test('the dataset of a mitigation is run before the first phase', () => {
  const plan = planOf(given('risk_id: R-1, mitigation: { validation: { test_dataset_id: T-1 } }'));
  expect(plan.prerequisites).toMatchObject([
    { id: 'R-1', requirements: [{ text: 'dataset T-1', probe: { how: 'command' } }] },
  ]);
});

test('status tells the risks of what is under way, and names those ahead', () => {
  const { risks = [] } = planOf(
    given(OF_A_STEP, OF_ALL.replace('It gets slow', 'It gets slow, affected_steps: [STEP-1]')),
  );
  const steps = [step('STEP-1', { status: 'running' }), step('STEP-2')];
  const shown = view({ risks, phases: [phase('PHASE-1', steps, { status: 'running' })] });
  const lines = describeStatus(shown, { paint: plain, now: () => new Date(0) });
  expect(lines).toContain('Risk under way: R-2 It gets slow (response: Wait)');
  expect(lines).toContain('Risks ahead: R-1');
});
