import { describe, expect, test } from 'vitest';
import { compileText, stepOf } from './support/compile-text.js';

const ACTS = 'execution_details: { commands: [date] }';

interface PhaseSketch {
  readonly id: string;
  readonly name?: string;
  readonly order: number;
  readonly gate?: string;
  readonly steps: readonly string[];
}

/** How the last precondition of the last step is evaluated, or the code of its problem. */
function howIs(sentence: string, phases: readonly PhaseSketch[], at: 'step' | 'gate' = 'step'): string {
  const last = phases.length - 1;
  const text = phases.map(({ id, name, order, gate, steps }, index) => {
    const asks = index === last && at === 'step' ? `\npreconditions: [${JSON.stringify(sentence)}]` : '';
    const criteria = index === last && at === 'gate' ? JSON.stringify(sentence) : 'fine';
    return `  - phase_id: ${id}
    name: ${JSON.stringify(name ?? `Part ${id}`)}
    order: ${order}
    steps:
${steps
  .map((step, place) => stepOf(step, place + 1, place === steps.length - 1 ? `${ACTS}${asks}` : ACTS))
  .join('\n')
  .replace(/^/gm, '      ')}
    ${gate === undefined ? '' : `validation_gate: { gate_id: ${gate}, criteria: [${criteria}] }`}`;
  });
  const strategy = `metadata: { version: "1", migration_name: trial }\nmigration_phases:\n${text.join('\n')}\n`;
  const { coverage, problems } = compileText({ strategy });
  const [problem] = problems;
  if (problem !== undefined) return `${problem.severity} ${problem.code}`;
  return coverage.sentences.find((covered) => covered.text === sentence)?.how ?? 'not covered';
}

const one = (first: string, second = 'LATER-1'): PhaseSketch[] => [
  { id: 'P-1', order: 1, steps: [first, second] },
];

describe('a word counts as an id only when it looks like one', () => {
  test.each([
    ['backup', 'Backup verified', 'warning unmarked-id'],
    ['backup', 'backup completed', 'warning unmarked-id'],
    ['backup', '"backup" completed', 'state of backup'],
    ['backup', "'backup' completed", 'state of backup'],
    ['backup', 'Step backup completed', 'state of backup'],
    ['back-up', 'Back-up verified', 'warning unmarked-id'],
    ['back-up', 'back-up verified', 'state of back-up'],
    ['SCHEMA', 'SCHEMA completed', 'state of SCHEMA'],
    ['SCHEMA', 'Schema completed', 'warning unmarked-id'],
    ['STEP-1-1', 'step-1-1 done', 'state of STEP-1-1'],
    ['STEP-1-1', 'STEP-1-1 successful', 'state of STEP-1-1'],
    ['STEP-1-1', 'STEP-1-12 successful', 'error unknown-reference'],
  ])('with the step %s, "%s" is: %s', (id, sentence, how) => {
    expect(howIs(sentence, one(id))).toBe(how);
  });
});

describe('"Phase 1" is', () => {
  test.each<[string, readonly (readonly [id: string, order: number, name?: string])[], string]>([
    [
      'the phase with that order',
      [
        ['A', 1],
        ['B', 2],
      ],
      'state of A (the phase with order 1)',
    ],
    [
      'the one at that place, where orders begin elsewhere',
      [
        ['A', 10],
        ['B', 20],
      ],
      'state of A (phase 1 of 2 by its place)',
    ],
    [
      'the one of that id',
      [
        ['PHASE-1', 10],
        ['B', 20],
      ],
      'state of PHASE-1 (the phase named 1)',
    ],
    [
      'the one of that name',
      [
        ['A', 0, 'Phase 1: schema'],
        ['B', 2],
      ],
      'state of A (the phase named 1)',
    ],
    [
      'unclear where order and name differ',
      [
        ['A', 1],
        ['B', 2, 'Phase 1'],
        ['C', 3],
      ],
      'error ambiguous-reference',
    ],
    [
      'unclear where order and place differ',
      [
        ['A', 0],
        ['B', 1],
        ['C', 2],
      ],
      'error ambiguous-reference',
    ],
  ])('%s', (_, phases, how) => {
    const sketches = phases.map(([id, order, name], index): PhaseSketch => {
      return { id, order, steps: [`S-${index}`], ...(name === undefined ? {} : { name }) };
    });
    expect(howIs('Phase 1 completed', sketches)).toBe(how);
  });
});

test('"All gates passed" in the last gate is about the others; in an earlier place it waits for itself', () => {
  const phases: PhaseSketch[] = [
    { id: 'P-1', order: 1, steps: ['S-1'], gate: 'G-1' },
    { id: 'P-2', order: 2, steps: ['S-2'], gate: 'G-2' },
  ];
  expect(howIs('All gates passed', phases, 'gate')).toBe('state of all gates');
  expect(howIs('All gates passed', phases)).toBe('error never-holds');
});
