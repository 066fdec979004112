import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { briefly, expectInside, problemsOf, semanticProblemsOf } from './reading.js';
import { complete, FIELDS, type Json, type JsonObject, sampleValue, setAt, smallest } from './sample.js';

function step(id: string, order: number, more: JsonObject = {}): JsonObject {
  return {
    step_id: id,
    name: `Step ${id}`,
    order,
    type: 'configuration',
    execution_details: { commands: ['true'] },
    ...more,
  };
}

function phase(id: string, order: number, steps: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { phase_id: id, name: `Phase ${id}`, order, steps: [...steps], ...more };
}

function strategy(phases: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { metadata: { version: '1', migration_name: 'Test' }, migration_phases: [...phases], ...more };
}

/** `severity code pointer` of everything found. */
function found(value: Json): readonly string[] {
  return semanticProblemsOf(value).map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`);
}

const one = () => phase('PHASE-1', 1, [step('STEP-1', 1), step('STEP-2', 2)]);

describe('ids and orders', () => {
  it('that are each used once are fine', () => {
    expect(found(strategy([one(), phase('PHASE-2', 2, [step('STEP-3', 1)])]))).toEqual([]);
  });

  it('are unique per kind, steps across the whole file', () => {
    const phases = [one(), phase('PHASE-1', 2, [step('STEP-2', 1)])];
    expect(found(strategy(phases))).toEqual([
      'error duplicate-id /migration_phases/1/phase_id',
      'error duplicate-id /migration_phases/1/steps/0/step_id',
    ]);
  });

  it('name the line of the first', () => {
    const [problem] = semanticProblemsOf(strategy([phase('PHASE-1', 1, [step('S', 1), step('S', 2)])]));
    expect(problem?.message).toMatch(/already defined on line \d+/);
  });

  it('of a phase and a step differ, so that a rollback to one means one', () => {
    expect(found(strategy([phase('A', 1, [step('A', 1)])]))).toEqual([
      'error duplicate-id /migration_phases/0/steps/0/step_id',
    ]);
  });

  it('of a validation gate and a step differ as well', () => {
    const gates = { validation_strategy: { validation_gates: [{ gate_id: 'STEP-1', location: 'STEP-1' }] } };
    expect(found(strategy([one()], gates))).toContain(
      'error duplicate-id /validation_strategy/validation_gates/0/gate_id',
    );
  });

  it('of steps, phases, gates and prerequisites differ, so that "X passed" means one', () => {
    const value = strategy(
      [phase('A-1', 1, [step('S-1', 1)], { validation_gate: { gate_id: 'S-1', criteria: ['ok'] } })],
      {
        prerequisites: [{ prerequisite_id: 'A-1' }],
      },
    );
    expect(found(value)).toEqual([
      'error duplicate-id /migration_phases/0/phase_id',
      'error duplicate-id /migration_phases/0/validation_gate/gate_id',
    ]);
  });

  it('of a step and a cleanup task differ, so that their effects are not mistaken for each other', () => {
    const post_migration = { cleanup_tasks: [{ task_id: 'S-1' }] };
    expect(found(strategy([phase('A-1', 1, [step('S-1', 1)])], { post_migration }))).toEqual([
      expect.stringContaining('error duplicate-id'),
    ]);
  });

  it.each([
    'start',
    'Start',
    'completion',
    'constraints',
    'window',
    'rollback-1',
    'rollback-full',
    'STEP-1#2',
  ])('such as %s stand for something in every run, and cannot be taken', (id) => {
    expect(found(strategy([phase('P-1', 1, [step(id, 1)])]))).toEqual([
      'error reserved-id /migration_phases/0/steps/0/step_id',
    ]);
    expect(found(strategy([phase(id, 1, [step('S-1', 1)])]))).toEqual([
      'error reserved-id /migration_phases/0/phase_id',
    ]);
  });

  it('of every other kind are unique too', () => {
    const lists = [
      ['prerequisites[].prerequisite_id', []],
      ['code_migration.deployment_strategy.steps[].step_id', []],
      ['data_migration.migrations[].migration_id', []],
      ['configuration_migration.configuration_changes[].config_id', []],
      ['infrastructure_migration.infrastructure_changes[].change_id', []],
      ['integration_migration.external_integrations[].integration_id', []],
      ['validation_strategy.validation_gates[].gate_id', []],
      ['validation_strategy.continuous_validation[].validation_id', []],
      ['validation_strategy.regression_validation[].regression_suite_id', []],
      ['risk_mitigation.migration_risks[].risk_id', []],
      ['post_migration.cleanup_tasks[].task_id', []],
      ['execution_timeline.milestones[].milestone_id', []],
    ] as const;
    for (const [path] of lists) {
      const value = smallest();
      setAt(value, path, 'SAME');
      const text = JSON.stringify(value, (_, inner) =>
        Array.isArray(inner) && JSON.stringify(inner).includes('"SAME"') ? [inner[0], inner[0]] : inner,
      );
      expect(
        semanticProblemsOf(text).some((problem) => problem.code === 'duplicate-id'),
        path,
      ).toBe(true);
    }
  });

  it('have no order twice among phases or among the steps of a phase', () => {
    const phases = [phase('A', 1, [step('S', 1), step('T', 1)]), phase('B', 1, [step('U', 1)])];
    expect(found(strategy(phases))).toEqual([
      'error duplicate-order /migration_phases/0/steps/1/order',
      'error duplicate-order /migration_phases/1/order',
    ]);
  });
});

describe('references', () => {
  it('must name what exists, and get a suggestion', () => {
    const more: JsonObject = {
      execution_timeline: {
        critical_path: [{ step_id: 'STEP-1' }, { step_id: 'STPE-2', dependencies: ['STEP-1', 'STEP-9'] }],
        milestones: [{ milestone_id: 'M-1', dependencies: ['PHASE-1', 'the board agrees', 'M-2'] }],
      },
      risk_mitigation: {
        migration_risks: [
          { affected_phases: ['PHASE-1', 'PHASE-7'], affected_steps: ['Step STEP-1', 'nowhere'] },
        ],
      },
    };
    const problems = semanticProblemsOf(strategy([one()], more));
    expect(
      briefly(problems)
        .map((line) => line.split(' ').slice(1).join(' '))
        .toSorted(),
    ).toEqual([
      'unknown-reference /execution_timeline/critical_path/1/dependencies/1',
      'unknown-reference /execution_timeline/critical_path/1/step_id',
      'unknown-reference /execution_timeline/milestones/0/dependencies/2',
      'unknown-reference /risk_mitigation/migration_risks/0/affected_phases/1',
      'unknown-reference /risk_mitigation/migration_risks/0/affected_steps/1',
    ]);
    expect(problems.find((problem) => problem.message.includes('STPE-2'))?.advice).toBe(
      'Did you mean "STEP-2"?',
    );
  });

  it('to all phases and to nothing are references as well', () => {
    const more: JsonObject = {
      execution_timeline: {
        critical_path: [{ step_id: 'STEP-1', dependencies: ['none'] }],
        milestones: [{ milestone_id: 'M-1', dependencies: ['None', 'n/a', '-'] }],
      },
      risk_mitigation: { migration_risks: [{ affected_phases: ['All phases'], affected_steps: ['all'] }] },
    };
    expect(found(strategy([one()], more))).toEqual([]);
  });

  it('of x-uses name one item of the sections about changes', () => {
    const more: JsonObject = {
      data_migration: { migrations: [{ migration_id: 'MIG-1' }, { migration_id: 'X' }] },
      configuration_migration: { configuration_changes: [{ config_id: 'X' }] },
    };
    const steps = [
      step('A', 1, { 'x-uses': 'MIG-1' }),
      step('B', 2, { 'x-uses': 'MIG-2' }),
      step('C', 3, { 'x-uses': 'X' }),
    ];
    expect(found(strategy([phase('P', 1, steps)], more))).toEqual([
      'error unknown-reference /migration_phases/0/steps/1/x-uses',
      'error ambiguous-reference /migration_phases/0/steps/2/x-uses',
    ]);
  });

  it('in sentences are only warned about, and ticket numbers left alone', () => {
    const steps = [
      step('STEP-1', 1, { preconditions: ['STEP-7 successful', 'JIRA-12 closed', 'GATE-TEST-001 passes'] }),
      step('STEP-2', 2),
    ];
    const value = strategy([
      phase('PHASE-1', 1, steps, { rollback_point: { rollback_procedure: 'Undo STEP-2, STEP-1, STEP-0' } }),
    ]);
    expect(found(value)).toEqual([
      'warning unknown-mention /migration_phases/0/steps/0/preconditions/0',
      'warning unknown-mention /migration_phases/0/rollback_point/rollback_procedure',
    ]);
  });

  it('do not go round in circles, however long', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `M-${index}`);
    const milestones = ids.map((id, index) => ({
      milestone_id: id,
      dependencies: [ids[index + 1] ?? 'M-0'],
    }));
    const problems = semanticProblemsOf(strategy([one()], { execution_timeline: { milestones } }));
    expect(problems.map((problem) => problem.code)).toEqual(['cycle']);
    const path = { critical_path: [{ step_id: 'STEP-1', dependencies: ['STEP-1'] }] };
    expect(found(strategy([one()], { execution_timeline: path }))).toEqual([
      'error cycle /execution_timeline/critical_path/0/dependencies/0',
    ]);
    const diamond = {
      critical_path: [{ step_id: 'STEP-1' }, { step_id: 'STEP-2', dependencies: ['STEP-1', 'STEP-1'] }],
    };
    expect(found(strategy([one()], { execution_timeline: diamond }))).toEqual([]);
  });
});

describe('gates and approvals', () => {
  const gated = (gate: JsonObject) =>
    strategy([phase('P', 1, [step('S', 1)], { validation_gate: { gate_id: 'G', ...gate } })]);
  const place = '/migration_phases/0/validation_gate';

  it.each<[string, JsonObject, string[]]>([
    ['criteria', { criteria: ['ok'] }, []],
    ['an approval', { approval_required: true, approvers: ['Lead'] }, []],
    ['nothing at all', { criteria: [null, ' '] }, [`error empty-gate ${place}`]],
    [
      'an approval by nobody',
      { approval_required: true, approvers: [null] },
      [`error no-approvers ${place}/approval_required`],
    ],
    [
      'approvers nobody asks',
      { criteria: ['ok'], approval_required: false, approvers: ['Lead'] },
      [`warning idle-approvers ${place}/approvers`],
    ],
    [
      'an approver twice',
      { approval_required: true, approvers: ['Lead', 'Lead'] },
      [`error duplicate-approver ${place}/approvers/1`],
    ],
  ])('with %s', (_, gate, expected) => {
    expect(found(gated(gate))).toEqual(expected);
  });

  it('hold for the completion alike', () => {
    const more = { success_criteria: { migration_complete_definition: { approval_required: true } } };
    expect(found(strategy([one()], more))).toEqual([
      'error no-approvers /success_criteria/migration_complete_definition/approval_required',
    ]);
  });
});

describe('ways back', () => {
  const undoable = (procedure: JsonObject, more: JsonObject = {}) =>
    found(strategy([phase('P', 1, [step('S', 1, { rollback_procedure: procedure })])], more));
  const place = '/migration_phases/0/steps/0/rollback_procedure/can_rollback';
  const level = (more: JsonObject) => ({
    rollback_strategy: { rollback_levels: [{ level: 'full', ...more }] },
  });

  it('exist where the strategy says that there is one', () => {
    expect(undoable({ can_rollback: true, rollback_steps: ['Ask Bob'] })).toEqual([]);
    expect(undoable({ can_rollback: true, rollback_script: 'undo.sh' })).toEqual([]);
    expect(undoable({ can_rollback: true, rollback_steps: [null] })).toEqual([`error no-way-back ${place}`]);
    expect(
      undoable({ can_rollback: true }, level({ rollback_procedure: { automation_script: 'all.sh' } })),
    ).toEqual([`warning no-way-back ${place}`]);
  });

  it('do not exist where the strategy says that there is none', () => {
    expect(undoable({ can_rollback: false })).toEqual([]);
    expect(undoable({ can_rollback: false, rollback_script: 'undo.sh' })).toEqual([
      `error contradictory-rollback ${place}`,
    ]);
  });

  it('need no words where a validation changes nothing, and may be denied with a reason', () => {
    const validation = step('S', 1, { type: 'validation', rollback_procedure: { can_rollback: true } });
    expect(found(strategy([phase('P', 1, [validation])]))).toEqual([]);
    expect(undoable({ can_rollback: false, rollback_steps: ['The old rows are gone'] })).toEqual([]);
    expect(undoable({ can_rollback: false, rollback_steps: ['$ undo'] })).toEqual([
      `error contradictory-rollback ${place}`,
    ]);
  });

  it('have each level once, with somebody to approve it', () => {
    const levels = [{ level: 'step' }, { level: 'step' }, { level: 'full', approval_required: true }];
    expect(found(strategy([one()], { rollback_strategy: { rollback_levels: levels } }))).toEqual([
      'error duplicate-level /rollback_strategy/rollback_levels/1/level',
      'error no-approvers /rollback_strategy/rollback_levels/2/approval_required',
    ]);
  });

  it('exist for data migrations that say so', () => {
    const migrations = [
      { migration_id: 'A', rollback: { can_rollback: true } },
      { migration_id: 'B', rollback: { can_rollback: true, rollback_method: 'restore_backup' } },
      { migration_id: 'C', rollback: { can_rollback: false, rollback_script: 'x.sql' } },
    ];
    expect(found(strategy([one()], { data_migration: { migrations } }))).toEqual([
      'error no-way-back /data_migration/migrations/0/rollback/can_rollback',
      'error contradictory-rollback /data_migration/migrations/2/rollback/can_rollback',
    ]);
  });
});

describe('the outline', () => {
  it('has a name, phases with steps, and steps with something to do', () => {
    const empty = { step_id: 'S', name: 'S', order: 1, type: 'configuration' };
    const gate = { gate_id: 'G', criteria: ['ok'] };
    const value = strategy([
      phase('A', 1, []),
      phase('B', 2, [], { validation_gate: gate }),
      phase('C', 3, [empty]),
    ]);
    setAt(value, 'metadata.migration_name', ' ');
    expect(found(value)).toEqual([
      'error missing-name /metadata',
      'error empty-phase /migration_phases/0',
      'warning empty-phase /migration_phases/1',
      'warning empty-step /migration_phases/2/steps/0',
    ]);
    setAt(value, 'migration_overview.name', 'Named there');
    expect(found(value)).not.toContain('error missing-name /metadata');
  });

  it('warns of a blocked prerequisite, a migration that is over, and dates the wrong way round', () => {
    const value = strategy([one()], {
      prerequisites: [{ prerequisite_id: 'A', validation: { status: 'blocked' } }],
      execution_timeline: {
        milestones: [
          { milestone_id: 'M-1', target_date: '2025-01-02' },
          { milestone_id: 'M-2', target_date: '2025-01-01T23:00:00Z', dependencies: ['M-1'] },
        ],
      },
    });
    setAt(value, 'metadata.migration_status', 'completed');
    setAt(value, 'metadata.created_date', '2025-02-01');
    setAt(value, 'metadata.last_updated', '2025-01-31');
    expect(found(value)).toEqual([
      'warning already-over /metadata/migration_status',
      'warning dates-out-of-order /metadata/last_updated',
      'warning blocked-prerequisite /prerequisites/0/validation/status',
      'warning dates-out-of-order /execution_timeline/milestones/1/target_date',
    ]);
  });
});

describe('x- keys', () => {
  const withKeys = (keys: JsonObject, more: JsonObject = {}) =>
    semanticProblemsOf(strategy([phase('P', 1, [step('S', 1, keys)], more)])).map(
      ({ severity, code, advice }) => `${severity} ${code}: ${advice}`,
    );

  it('that sluice would read if they were spelled right get a suggestion', () => {
    expect(withKeys({ 'x-timout': '5 minutes' })).toEqual(['warning unknown-key: Did you mean "x-timeout"?']);
    expect(withKeys({ 'x-idempotant': true })).toEqual(['warning unknown-key: Did you mean "x-idempotent"?']);
  });

  it('that sluice reads on a step only are told elsewhere', () => {
    expect(withKeys({ execution_details: { commands: ['true'], 'x-retry': 3 } })).toEqual([
      'warning misplaced-key: Move it to the step.',
    ]);
    expect(withKeys({}, { 'x-soak': '1 day' })).toEqual(['warning misplaced-key: Move it to the step.']);
  });

  it('of others stay free', () => {
    expect(withKeys({ 'x-team': 'shop', 'x-ticket': 1, 'x-time': 2 }, { 'x-owner': 'me' })).toEqual([]);
  });
});

it('every strategy that the schema accepts gets an answer, with positions in the file', () => {
  const value = (type: string): fc.Arbitrary<Json> => {
    const word = fc.constantFrom('A', 'B', 'A-1 successful', 'A-1', '', ' ', '2025-01-01');
    if (type === 'string') return fc.oneof(word, fc.string());
    if (type === 'list of string') return fc.array(fc.oneof(word, fc.constant(null)), { maxLength: 3 });
    if (type === 'boolean') return fc.boolean();
    if (type === 'integer') return fc.nat({ max: 3 });
    if (type.startsWith('one of')) return fc.constantFrom(...type.replace('one of ', '').split(' | '));
    return fc.constant(sampleValue(type));
  };
  const change = fc
    .constantFrom(...FIELDS)
    .chain(({ path, type }) => value(type).map((to) => ({ path, to })));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const whole = complete();
      for (const { path, to } of changes) setAt(whole, path, to);
      const text = JSON.stringify(whole, null, 1);
      if (problemsOf(text).length === 0) expectInside(text, semanticProblemsOf(text));
    }),
    { numRuns: 300 },
  );
});

const example = new URL('../../../shared/spec/discount-code.migration-strategy.yaml', import.meta.url);
it.runIf(existsSync(example))('the example of the specification has nothing wrong', () => {
  expect(semanticProblemsOf(readFileSync(example, 'utf8'))).toEqual([]);
});
