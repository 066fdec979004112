import { expect, test } from 'vitest';
import { describeAction } from '../../../strategy/kinds/effects/index.js';
import { renderPlan } from '../../../strategy/render/plan.js';
import { describeRequirement } from '../../../strategy/render/requirement.js';
import { describeUndo } from '../../../strategy/render/undo.js';
import { planOf, stepOf, strategyOf } from '../support/compile-text.js';

test('actions, requirements and ways back are told in one line', () => {
  expect(describeAction({ kind: 'command', text: 'one\n  two' })).toBe('$ one two');
  expect(describeAction({ kind: 'sql-script', path: 'm/1.sql', sha256: '', connection: 'db' })).toBe(
    'SQL script m/1.sql on db',
  );
  expect(describeUndo({ kind: 'impossible' })).toContain('POINT OF NO RETURN');
  expect(
    describeRequirement({ text: '5% use it', probe: { how: 'command', text: 'share "$1"', args: ['5'] } }),
  ).toBe('5% use it  [command: share "$1" with $1 = 5]');
});

test('a plan tells what happens, what is watched, who is asked, and every way back', () => {
  const beside = `rollback_strategy:
  rollback_levels:
    - { level: full, decision_maker: Boss, approval_required: true, trigger_conditions: ["rate > 9%"],
        rollback_procedure: { automation_script: all.sh } }`;
  const steps = [
    stepOf(
      'A',
      1,
      `execution_details: { commands: ["alter table t add a int", "alter table t add b int"] }
validation: { validation_checks: [All is calm] }
estimated_duration: 3 days observation
responsible_party: Ops
rollback_procedure: { rollback_steps: ["sql: alter table t drop a"] }`,
    ),
    stepOf(
      'B',
      2,
      'execution_details: { automation_script: go.sh }\nrollback_procedure: { can_rollback: false }',
    ),
  ];
  const text = renderPlan(
    planOf({
      strategy: strategyOf(steps.join('\n'), beside),
      bindings:
        'connections: { db: { postgres: "${env:DB}" } }\nmetrics: { rate: { unit: percent, command: rate } }\narchive: { s3: { bucket: kept, prefix: a/ } }',
      files: { 'go.sh': {}, 'all.sh': {} },
    }),
  );
  const told = [
    'keeps its record in s3://kept/a/ as well',
    'Watched in every step',
    'rate > 9%  [metric rate > 9%; picks the full rollback]',
    'A A (Ops)',
    'SQL on db, 2 statements in one transaction:',
    'alter table t add b int',
    'checks   All is calm  [asked]',
    'soaks    3 days',
    'back     SQL on db: alter table t drop a',
    'script go.sh',
    'POINT OF NO RETURN',
    'full rollback, after Boss approves',
    'covers   script all.sh',
    'points of no return: B',
  ];
  let from = 0;
  for (const part of told) {
    const at = text.indexOf(part, from);
    expect(at, `"${part}" in order in\n${text}`).toBeGreaterThanOrEqual(0);
    from = at;
  }
});
