import { describe, expect, test } from 'vitest';
import { lint } from '../../../strategy/lint/lint.js';
import { RULE_NAMES } from '../../../strategy/lint/rules.js';
import { parseStrategy } from '../../../strategy/parse.js';
import { scaffold } from '../../../strategy/scaffold/scaffold.js';
import { validateStrategy } from '../../../strategy/validate.js';
import { gate, phase, step, strategy } from '../../support/strategies.js';

function lintText(text: string): readonly { readonly code: string; readonly message: string }[] {
  const parsed = parseStrategy(text, 'strategy.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const validated = validateStrategy(parsed.value);
  if (!validated.ok) throw new Error(JSON.stringify(validated.problems));
  return lint(validated.document, parsed.value.source);
}

const rulesIn = (document: object): readonly string[] =>
  lintText(JSON.stringify(document)).map(({ code }) => code);

/** Has all seven points: what `sluice init` writes. */
const [complete] = scaffold({
  name: 'Move the carts',
  role: 'DBA',
  members: ['alice'],
  phases: ['Expand', 'Contract'],
  databaseUrl: null,
  today: '2026-11-25',
});
if (complete === undefined) throw new Error('no strategy');

describe('lint', () => {
  test('a new strategy lacks nothing', () => {
    expect(lintText(complete.text)).toEqual([]);
  });

  test('an almost empty strategy lacks each of the seven, under its stable name', () => {
    const bare = strategy([
      phase('P1', 1, [
        step('S1', 1, { undo: null, more: { validation: { validation_checks: ['$ true'] } } }),
      ]),
    ]);
    expect([...new Set(rulesIn(bare))].sort()).toEqual([...RULE_NAMES].sort());
  });

  test('a validation gate at the end of a phase is a gate of it, one within it is not', () => {
    const phases = [phase('P1', 1, [step('S1', 1), step('S2', 2)])];
    const placed = (location: string) =>
      rulesIn(
        strategy(phases, { validation_strategy: { validation_gates: [{ gate_id: 'VG-1', location }] } }),
      );
    expect(placed('at the end of P1')).not.toContain('missing-gate');
    expect(placed('after S1')).toContain('missing-gate');
  });

  test.each([
    ['validation_gate:', 'validation_gate_x', 'missing-gate'],
    ['test_dataset_ids', 'x-ids', 'missing-dataset'],
    ['_threshold', null, 'missing-monitoring'],
    ['preventive_measures', null, 'missing-mitigation'],
  ] as const)('without %s it finds what is missing', (field, _, rule) => {
    const document: unknown = JSON.parse(JSON.stringify(parsedOf(complete.text)), (key, value) =>
      key.includes(field.replace(':', '')) || (rule === 'missing-mitigation' && key === 'response_procedure')
        ? undefined
        : value,
    );
    expect(lintText(JSON.stringify(document)).map(({ code }) => code)).toContain(rule);
  });

  test('a level that undoes whole phases is their way back', () => {
    const levels = [{ level: 'full', rollback_procedure: { automation_script: 'undo.sh' } }];
    const phases = [phase('P1', 1, [step('S1', 1, { undo: null })])];
    expect(rulesIn(strategy(phases))).toContain('missing-rollback');
    expect(rulesIn(strategy(phases, { rollback_strategy: { rollback_levels: levels } }))).not.toContain(
      'missing-rollback',
    );
  });

  test('an item that a step uses knows its own way back', () => {
    const uses = step('S1', 1, { undo: null, more: { 'x-uses': 'DATA-1' } });
    expect(rulesIn(strategy([phase('P1', 1, [uses])]))).not.toContain('missing-rollback');
  });

  test('a phase that only checks needs no way back', () => {
    const check = step('S1', 1, { undo: null, more: { type: 'validation' } });
    expect(rulesIn(strategy([phase('P1', 1, [check], gate('G1'))]))).not.toContain('missing-rollback');
  });

  test('a rule is silenced by its name, with a reason, and no other with it', () => {
    const bare = strategy([phase('P1', 1, [step('S1', 1)])]);
    const all = rulesIn(bare);
    const silenced = rulesIn({ ...bare, 'x-lint': { 'missing-gate': 'nobody approves this one' } });
    expect(silenced).toEqual(all.filter((rule) => rule !== 'missing-gate'));
  });

  test.each([
    [{ 'missing-gat': 'a reason' }, 'Did you mean "missing-gate"?'],
    [{ 'missing-gate': ' ' }, 'reviewers read it'],
    ['missing-gate', 'x-lint: {'],
  ])('x-lint %j is an error and silences nothing', (setting, advice) => {
    const problems = lintText(
      JSON.stringify({ ...strategy([phase('P1', 1, [step('S1', 1)])]), 'x-lint': setting }),
    );
    expect(problems).toContainEqual(
      expect.objectContaining({
        code: 'lint-setting',
        severity: 'error',
        advice: expect.stringContaining(advice),
      }),
    );
    expect(problems.map(({ code }) => code)).toContain('missing-gate');
  });
});

function parsedOf(text: string): unknown {
  const parsed = parseStrategy(text, 'strategy.yaml');
  return parsed.ok ? parsed.value.value : null;
}
