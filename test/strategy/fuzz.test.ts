/**
 * Mutated files: whatever is done to the text of a strategy or of its bindings, `check` answers clearly and soon.
 * `SLUICE_FUZZ=100000 npx vitest run test/strategy/fuzz.test.ts` tries so many; `SLUICE_FUZZ_SEED` repeats a run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { expect, test } from 'vitest';
import { compile } from '../../strategy/compile/compile.js';
import { lint } from '../../strategy/lint/lint.js';
import { parseBindings, parseStrategy } from '../../strategy/parse.js';
import { formatProblem, type Problem } from '../../strategy/problem.js';
import { renderCoverage } from '../../strategy/render/coverage.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { checkSemantics } from '../../strategy/semantics/index.js';
import { validateBindings, validateStrategy } from '../../strategy/validate.js';
import { expectInside } from './reading.js';
import { surroundingsOf } from './support/compile-text.js';
import { BINDINGS, everyField, FILES } from './support/every-field.js';

const FILES_TRIED = Number(process.env.SLUICE_FUZZ ?? 200);
const SEED = Number(process.env.SLUICE_FUZZ_SEED ?? 20_251_004);

/** Seconds of processor time one answer may take: the clock on the wall counts what else the machine does. */
const MOST_SECONDS = 2;

const EXAMPLE = new URL('../../examples/discount-code/', import.meta.url);

function exampleFile(name: string): string {
  return readFileSync(new URL(name, EXAMPLE), 'utf8');
}

/** Both are sound before they are mutated: one is written by hand, the other has every field. */
const STRATEGIES = [
  exampleFile('migration-strategy.yaml'),
  dump({
    ...everyField(),
    execution_timeline: {
      milestones: [{ milestone_id: 'M-1', target_date: '2027-01-02', dependencies: ['STEP-1'] }],
      critical_path: [{ step_id: 'STEP-1', duration: '2 hours', dependencies: ['PREREQ-1'] }],
    },
  }).replace('integration_id: text', 'integration_id: INT-1'),
];
const BOUND = [exampleFile('migration-bindings.yaml'), BINDINGS];
const SURROUNDINGS = {
  ...surroundingsOf({
    ...FILES,
    ...Object.fromEntries(readdirSync(EXAMPLE, { recursive: true }).map((name) => [String(name), {}])),
  }),
  program: () => 'found' as const,
};

/** What is put into a text: syntax, and values that mean something elsewhere. */
const PIECES = [
  ...[':', ' ', '\n', '- ', '[', ']', '{', '}', '"', "'", '|', '>', '&a ', '*a', '!t ', '#', '?', ',', '\t'],
  ...[
    '---\n',
    '\r\n',
    '%',
    '~',
    '0',
    '-1',
    '1e309',
    '.nan',
    'true',
    'null',
    '\u0000',
    '\ufeff',
    '\ud800',
    '🙂',
  ],
  ...['__proto__: 1', '<<: *a', 'x-uses: STEP-1', 'toString', 'STEP-1', 'PHASE-1', 'GATE-1', '2x baseline'],
  ...[
    '> 5% for 2 days',
    'sql: select 1;;',
    '$ true',
    'http: GET x',
    'dataset: T',
    'every 0 minutes',
    '(a',
    'a/b',
  ],
  'a'.repeat(5000),
  '('.repeat(2000),
  '9'.repeat(400),
];

/** What sentences may say: understood, nearly understood, and arbitrary. */
const SENTENCES = [
  ...[
    '$ true',
    'sql: select 1;;',
    'http: GET x -> 200',
    'dataset: T',
    'STEP-1 done',
    'Phase 99 completed',
    '',
  ],
  ...[
    'All gates passed',
    'errors < 1%',
    'errors > 2x baseline for 3 days',
    'load > 5 for 1e99 days',
    '(a',
    '{int}',
  ],
  ...[
    'every 15 minutes',
    'every 0 ms',
    '3 days observation',
    'Weekday 10am-4pm EST',
    'RRULE:FREQ=DAILY',
    'a/b',
  ],
  ...[
    '5% for 24h, 100%',
    'after STEP-1',
    'between PHASE-1 and PHASE-2',
    '2026-02-30T00:00:00Z',
    'P1Y',
    '0-0.1%',
  ],
  ...['../../etc/passwd', 'constructor', '__proto__', '-', 'none', 'all', '#ops', `${'x '.repeat(2000)}`],
];

const place = fc.noBias(fc.nat(9_999)).map((part) => part / 10_000);
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), at: place, piece: fc.constantFrom(...PIECES) }),
  fc.record({ kind: fc.constant('cut' as const), at: place, length: fc.nat(40) }),
  fc.record({ kind: fc.constant('end' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place }),
  fc.record({ kind: fc.constant('move' as const), at: place, to: place }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, times: fc.constantFrom(1, 2, 50) }),
  fc.record({ kind: fc.constant('indent' as const), at: place, by: fc.integer({ min: -4, max: 4 }) }),
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('sentence' as const),
      at: place,
      sentence: fc.oneof(fc.constantFrom(...SENTENCES), fc.string({ unit: 'grapheme', maxLength: 30 })),
    }),
  },
  fc.record({ kind: fc.constant('value' as const), at: place, piece: fc.constantFrom(...PIECES) }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutated(text: string, change: Mutation): string {
  const at = Math.floor(change.at * text.length);
  const lines = text.split('\n');
  const line = Math.floor(change.at * lines.length);
  const own = lines[line] ?? '';
  switch (change.kind) {
    case 'insert':
      return text.slice(0, at) + change.piece + text.slice(at);
    case 'cut':
      return text.slice(0, at) + text.slice(at + change.length);
    case 'end':
      return text.slice(0, at);
    case 'drop':
      return lines.toSpliced(line, 1).join('\n');
    case 'move':
      return lines
        .toSpliced(line, 1)
        .toSpliced(Math.floor(change.to * lines.length), 0, own)
        .join('\n');
    case 'repeat':
      return lines.toSpliced(line, 0, ...Array.from({ length: change.times }, () => own)).join('\n');
    case 'indent':
      return lines.with(line, change.by < 0 ? own.slice(-change.by) : ' '.repeat(change.by) + own).join('\n');
    case 'sentence':
      return lines
        .with(
          line,
          own.replace(/(: |- )[^-:{[|>"']+$/, (_, before) => before + JSON.stringify(change.sentence)),
        )
        .join('\n');
    case 'value':
      return lines
        .with(line, own.replace(/(: ?).*$/, `$1${change.piece.replaceAll('$', '$$$$')}`))
        .join('\n');
    default:
      return change satisfies never;
  }
}

interface Answer {
  readonly problems: readonly Problem[];
  /** It fits the schema, so its sentences were read. */
  readonly compiled: boolean;
}

/** All that `check` and `plan` would print. */
function answerTo(strategy: string, bindings: string): Answer {
  const parsed = parseStrategy(strategy, 'strategy.yaml');
  const bound = parseBindings(bindings, 'bindings.yaml');
  const problems: Problem[] = [];
  let compiled = false;
  problems.push(...(parsed.ok ? parsed.value.problems : parsed.problems));
  problems.push(...(bound.ok ? bound.value.problems : bound.problems));
  const valid = parsed.ok ? validateStrategy(parsed.value) : null;
  const validBindings = bound.ok ? validateBindings(bound.value) : null;
  for (const checked of [valid, validBindings]) {
    if (checked !== null) problems.push(...(checked.ok ? checked.warnings : checked.problems));
  }
  if (parsed.ok && valid?.ok && bound.ok && validBindings?.ok) {
    const { document } = valid;
    const { source } = parsed.value;
    problems.push(...checkSemantics(document, source), ...lint(document, source));
    const {
      plan,
      problems: found,
      coverage,
    } = compile({
      document,
      source,
      bindings: { document: validBindings.document, source: bound.value.source },
      surroundings: SURROUNDINGS,
      unbound: 'person',
      strict: false,
    });
    problems.push(...found);
    compiled = true;
    expect(renderCoverage(coverage, { all: true })).toMatch(/\n$/);
    expect(plan === null).toBe(found.some(({ severity }) => severity === 'error'));
    if (plan !== null) expect(renderPlan(plan)).toMatch(/\n$/);
  } else {
    expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
  }
  return { problems, compiled };
}

function secondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

test('the files are sound before they are mutated', () => {
  for (const [which, strategy] of STRATEGIES.entries()) {
    const { problems } = answerTo(strategy, BOUND[which] ?? '');
    expect(problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual([]);
  }
});

test(
  `${FILES_TRIED} mutated files: a clear answer each, none slower than ${MOST_SECONDS} s`,
  () => {
    let slowest = 0;
    let compiled = 0;
    let sound = 0;
    const changes = fc.array(mutation, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1),
        changes,
        fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: changes }),
        (which, ofStrategy, ofBindings) => {
          const strategy = ofStrategy.reduce(mutated, STRATEGIES[which] ?? '');
          const bindings = ofBindings.reduce(mutated, BOUND[which] ?? '');
          let answer: Answer = { problems: [], compiled: false };
          const seconds = secondsOf(() => {
            answer = answerTo(strategy, bindings);
          });
          const { problems } = answer;
          expectInside(
            strategy,
            problems.filter(({ file }) => file === 'strategy.yaml'),
          );
          expectInside(
            bindings,
            problems.filter(({ file }) => file === 'bindings.yaml'),
          );
          for (const problem of problems) {
            expect(problem.message, formatProblem(problem)).toMatch(/\S/);
          }
          expect(seconds, `seconds for one answer`).toBeLessThan(MOST_SECONDS);
          slowest = Math.max(slowest, seconds);
          if (answer.compiled) compiled += 1;
          if (!problems.some(({ severity }) => severity === 'error')) sound += 1;
        },
      ),
      { numRuns: FILES_TRIED, seed: SEED, endOnFailure: true },
    );
    if (process.env.SLUICE_FUZZ !== undefined) {
      console.log(
        `${FILES_TRIED} files with seed ${SEED}: ${compiled} fit the schema, ${sound} without an error, slowest ${slowest.toFixed(3)} s`,
      );
    }
    // Otherwise only the parser would be tried.
    expect(compiled).toBeGreaterThan(FILES_TRIED / 10);
  },
  6 * 3_600_000,
);
