import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../strategy/compile/compile.js';
import { hashPlan } from '../../strategy/hash.js';
import { parseBindings, parseStrategy } from '../../strategy/parse.js';
import { renderCoverage } from '../../strategy/render/coverage.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { validateBindings, validateStrategy } from '../../strategy/validate.js';
import { surroundingsOf } from './support/compile-text.js';

/** Sentences that tickle every way of being read, beside arbitrary ones. */
const sentence = fc.oneof(
  fc.constantFrom(
    '$ true',
    'sql: select 1',
    'http: nowhere',
    'dataset: T',
    'STEP-1 done',
    'STEP-99 done',
    'Phase 1 completed',
    'All gates passed',
    'rate < 1%',
    'rate > 5 for 2 days',
    '{',
    '{int}',
    '(a',
    'a/b',
    '3 days observation',
    'select 1;;',
    'a.sh',
    '../a.sh',
    'constructor',
    '__proto__',
    'T',
    '',
  ),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
/** Mostly what is sound, so that some strategies have no error at all and come to a plan. */
const texts = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(null, ['$ true']) },
  { weight: 1, arbitrary: fc.option(fc.array(fc.option(sentence), { maxLength: 4 }), { nil: null }) },
);
const text = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.option(sentence, { nil: null }) },
);

const step = fc.record({
  step_id: fc.constantFrom('STEP-1', 'STEP-2', 'x'),
  name: fc.constant('n'),
  order: fc.integer({ min: 1, max: 3 }),
  type: fc.constantFrom('validation', 'configuration'),
  preconditions: texts,
  execution_details: fc.option(
    fc.record({ method: text, commands: texts, automation_script: text, manual_steps: texts }),
    { nil: null },
  ),
  validation: fc.option(
    fc.record({
      validation_checks: texts,
      test_dataset_ids: texts,
      success_criteria: texts,
      validation_script: text,
    }),
    { nil: null },
  ),
  rollback_procedure: fc.option(
    fc.record({
      can_rollback: fc.option(fc.boolean()),
      rollback_steps: texts,
      rollback_script: text,
      rollback_test_id: text,
    }),
    { nil: null },
  ),
  estimated_duration: text,
  responsible_party: text,
  monitoring: fc.option(fc.record({ metrics_to_watch: texts, alert_conditions: texts }), { nil: null }),
});

const strategy = fc.record({
  metadata: fc.constant({ version: '1' }),
  prerequisites: fc.array(
    fc.record({
      prerequisite_id: fc.constantFrom('PREREQ-1', 'P'),
      validation: fc.record({
        verification_method: text,
        verification_test_id: text,
        status: fc.constantFrom('pending', 'verified'),
      }),
    }),
    { maxLength: 2 },
  ),
  migration_phases: fc.array(
    fc.record({
      phase_id: fc.constantFrom('PHASE-1', 'PHASE-2'),
      name: fc.constant('n'),
      order: fc.integer({ min: 1, max: 3 }),
      start_condition: texts,
      steps: fc.array(step, { maxLength: 3 }),
      validation_gate: fc.option(
        fc.record({
          gate_id: fc.constantFrom('GATE-1', 'g'),
          criteria: texts,
          test_dataset_ids: texts,
          approvers: texts,
        }),
        { nil: null },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  rollback_strategy: fc.record({
    rollback_levels: fc.array(
      fc.record({
        level: fc.constantFrom('step', 'phase', 'full'),
        trigger_conditions: texts,
        decision_maker: text,
        rollback_procedure: fc.record({ steps: texts, automation_script: text, manual_steps: texts }),
      }),
      { maxLength: 2 },
    ),
  }),
  monitoring_and_observability: fc.record({
    migration_monitoring: fc.array(
      fc.record({ metric_name: text, normal_range: text, alert_threshold: text, critical_threshold: text }),
      { maxLength: 2 },
    ),
  }),
  success_criteria: fc.record({
    business_success: fc.array(fc.record({ criterion: text, measurement: text, target: text }), {
      maxLength: 2,
    }),
    migration_complete_definition: fc.record({
      criteria: texts,
      validation_required: texts,
      approvers: texts,
    }),
  }),
  linkage: fc.record({ test_datasets_dir: text, automation_scripts_dir: text }),
});

const bindings = fc.record({
  connections: fc.constantFrom(
    {},
    { a: { postgres: '${env:A}' } },
    { a: { postgres: 'x' }, b: { postgres: 'y' } },
  ),
  checks: fc.dictionary(
    sentence,
    fc.constantFrom({ command: 'a' }, { sql: 'select 1' }, { script: 'a.sh' }, { http: 'x' }),
    { maxKeys: 4 },
  ),
  metrics: fc.constantFrom({}, { rate: { command: 'r' } }),
  windows: fc.dictionary(sentence, fc.constant({ days: ['mon'], from: '10:00', to: '11:00', zone: 'UTC' }), {
    maxKeys: 2,
  }),
});

test('whatever the schemas accept compiles to a plan or to problems, never to an exception', () => {
  let compiled = 0;
  let planned = 0;
  fc.assert(
    fc.property(
      strategy,
      bindings,
      fc.constantFrom('person' as const, 'fail' as const),
      (document, bound, unbound) => {
        const strategyRead = parseStrategy(JSON.stringify(document), 'strategy.yaml');
        const bindingsRead = parseBindings(JSON.stringify(bound), 'bindings.yaml');
        if (!strategyRead.ok || !bindingsRead.ok) return;
        const strategyValid = validateStrategy(strategyRead.value);
        const bindingsValid = validateBindings(bindingsRead.value);
        if (!strategyValid.ok || !bindingsValid.ok) return;
        compiled += 1;
        const { plan, problems, coverage } = compile({
          document: strategyValid.document,
          source: strategyRead.value.source,
          bindings: { document: bindingsValid.document, source: bindingsRead.value.source },
          surroundings: surroundingsOf({ 'a.sh': {}, 'd/T.sh': {} }),
          unbound,
          strict: false,
        });
        expect(plan === null).toBe(problems.some(({ severity }) => severity === 'error'));
        const pointers = coverage.sentences.map(({ pointer }) => pointer);
        expect(new Set(pointers).size).toBe(pointers.length);
        expect(renderCoverage(coverage, { all: true })).toMatch(/\n$/);
        if (plan === null) return;
        planned += 1;
        expect(hashPlan(JSON.parse(JSON.stringify(plan)))).toBe(plan.hash);
        expect(renderPlan(plan)).toMatch(/\n$/);
      },
    ),
    { numRuns: 400 },
  );
  // Otherwise the property would hold by never being tried.
  expect(compiled).toBeGreaterThan(50);
  expect(planned).toBeGreaterThan(0);
});
