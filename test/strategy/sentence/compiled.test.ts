/** What a plan makes of sentences with units, windows, baselines, thresholds and expectations: all of it, or a person. */
import { describe, expect, test } from 'vitest';
import { renderCoverage } from '../../../strategy/render/coverage.js';
import { describeRequirement } from '../../../strategy/render/requirement.js';
import { compileText, stepOf, strategyOf } from '../support/compile-text.js';

const BINDINGS = `
metrics:
  error_rate: { unit: ratio, command: m }
  errors_percent: { unit: percent, command: m }
  plain: { command: m }
  p95: { unit: seconds, command: m }
  p99: { unit: milliseconds, command: m }
  size: { unit: gigabytes, command: m }
  orders: { unit: per_minute, command: m }
  jobs: { unit: count, command: m }
  averaged: { unit: percent, window: 10 minutes, command: m }
`;

function compiled(fields: string, { bindings = BINDINGS, beside = '' } = {}) {
  return compileText({ strategy: strategyOf(stepOf('A', 1, fields), beside), bindings });
}

/** What evaluates a check of a step, and what check says of it when that is a person. */
function checkOf(sentence: string, bindings = BINDINGS): string {
  const fields = `validation: { validation_checks: [${JSON.stringify(sentence)}] }`;
  const { plan, coverage, problems } = compiled(fields, { bindings });
  const requirement = plan?.phases[0]?.steps[0]?.checks[0];
  if (requirement === undefined) return problems.map(({ code }) => code).join(', ');
  if (requirement.probe.how !== 'person') return describeRequirement({ ...requirement, text: '' }).trim();
  const how = coverage.sentences.find(({ text }) => text === sentence)?.how ?? '';
  return `asked: ${how.split('no machine reads it: ')[1] ?? how}`;
}

describe('a comparison is made in the unit of the metric', () => {
  test.each([
    ['error rate < 0.1 percent', '[metric error_rate < 0.1%]'],
    ['error rate < 0.1%', '[metric error_rate < 0.1%]'],
    ['error rate < 0.001', '[metric error_rate < 0.1%]'],
    ['errors percent < 0.1%', '[metric errors_percent < 0.1%]'],
    ['errors percent > 80', '[metric errors_percent > 80%]'],
    ['p95 < 200ms', '[metric p95 < 0.2 s]'],
    ['p99 < 0.5 seconds', '[metric p99 < 500 ms]'],
    ['p95 > 0', '[metric p95 > 0 s]'],
    ['size < 1 500 MB', '[metric size < 1.5 GB]'],
    ['size < 2 GiB', '[metric size < 2.147483648 GB]'],
    ['orders > 2 per second', '[metric orders > 120/min]'],
    ['orders > 90', '[metric orders > 90/min]'],
    ['jobs = 0', '[metric jobs == 0]'],
    ['plain < 5', '[metric plain < 5]'],
  ])('%s', (sentence, evaluated) => {
    expect(checkOf(sentence)).toBe(evaluated);
  });

  test.each([
    [
      'plain < 0.1%',
      '"0.1%" has a unit and the metric "plain" has none: give it "unit", "percent" or "ratio"',
    ],
    [
      'plain < 200ms',
      '"200 ms" has a unit and the metric "plain" has none: give it "unit", such as "milliseconds" or "bytes"',
    ],
    ['p95 < 5%', '"5%" cannot be compared with "p95", which is in seconds'],
    ['p95 < 200', '"200" has no unit, and the metric "p95" is in seconds'],
    ['error rate < 5', '"5" has no unit, and the metric "error_rate" is in ratio'],
    ['errors percent < 0.1', '"0.1" has no unit, and the metric "errors_percent" is in percent'],
    ['jobs < 5 in all regions', 'the words "in all regions" are not understood'],
    ['p95 < fast', 'the words "fast" are not understood'],
    ['p95 < 200ms unknown < 5', 'no metric "unknown" is bound'],
    ['p95 < 1s for 5 minutes, p99 < 2s', 'its comparisons cover different durations'],
    ['unknown < 5', 'no metric "unknown" is bound'],
  ])('"%s" goes to a person, who is told why', (sentence, why) => {
    expect(checkOf(sentence)).toBe(`asked: ${why}`);
  });

  test('check says which words stopped it and how to bind it, where a bound metric is meant', () => {
    const { problems, coverage } = compiled('validation: { validation_checks: ["p95 < 1 s at night"] }');
    expect(problems).toMatchObject([
      {
        code: 'not-understood',
        severity: 'warning',
        message: 'no machine reads "p95 < 1 s at night": the words "at night" are not understood',
        advice: expect.stringContaining('under "checks"'),
      },
    ]);
    expect(renderCoverage(coverage, { all: true })).toContain('the words "at night" are not understood');
    expect(compiled('validation: { validation_checks: ["Carts < everything"] }').problems).toEqual([]);
  });
});

describe('several comparisons in one sentence are one requirement that asks for all', () => {
  test.each([
    ['p95 < 200ms p99 < 500ms', '[metric p95 < 0.2 s and metric p99 < 500 ms]'],
    ['p95 < 200ms, p99 < 500ms', '[metric p95 < 0.2 s and metric p99 < 500 ms]'],
    ['jobs between 1 and 5', '[metric jobs >= 1 and metric jobs <= 5]'],
  ])('%s', (sentence, evaluated) => {
    expect(checkOf(sentence)).toBe(evaluated);
  });
});

describe('a window is sampled, or averaged by the bound query', () => {
  test.each([
    ['error_rate < 0.1% for 5 minutes', '[metric error_rate < 0.1% for 5 minutes]'],
    ['error_rate < 0.1% averaged over 10 minutes', '[metric error_rate < 0.1% for 10 minutes]'],
    ['averaged < 5% averaged over 10 minutes', '[metric averaged < 5%]'],
    ['averaged < 5% averaged over 5 minutes', '[metric averaged < 5% for 5 minutes]'],
  ])('%s', (sentence, evaluated) => {
    expect(checkOf(sentence)).toBe(evaluated);
  });

  test('an alert on an average needs a query that averages: one good sample would hide it', () => {
    const alerts = (text: string) => {
      const { plan } = compiled(`monitoring: { alert_conditions: [${JSON.stringify(text)}] }`);
      return plan?.phases[0]?.steps[0]?.watch?.conditions.map(({ probe }) => probe.how) ?? 'asked';
    };
    expect(alerts('errors_percent > 5% averaged over 10 minutes')).toBe('asked');
    expect(alerts('averaged > 5% averaged over 10 minutes')).toEqual(['metric']);
    expect(alerts('errors_percent > 5% for 10 minutes')).toEqual(['metric']);
  });
});

describe('a baseline is measured by the step that compares with it', () => {
  test('its checks, alert conditions and what every step is watched for', () => {
    const beside =
      'rollback_strategy: { rollback_levels: [{ level: step, trigger_conditions: ["plain > 3x baseline"] }] }';
    const { plan } = compiled(
      'validation: { validation_checks: ["p95 < 2x baseline"] }\nmonitoring: { alert_conditions: ["p99 > 110% of baseline"] }',
      { beside },
    );
    const step = plan?.phases[0]?.steps[0];
    expect(step?.baselines).toEqual(['p95', 'plain', 'p99']);
    expect(step?.checks[0]?.probe).toMatchObject({
      comparison: { operator: '<', threshold: { kind: 'baseline', factor: 2 } },
    });
  });

  test('where no step measures one, a person is asked', () => {
    const { plan, coverage } = compileText({
      strategy: `metadata: { version: "1" }
migration_phases:
  - { phase_id: P, name: P, order: 1, steps: [{ step_id: S, name: S, order: 1, type: validation, preconditions: ["p95 < 2x baseline"] }], validation_gate: { gate_id: G, criteria: ["p95 < 3x baseline"] } }
`,
      bindings: BINDINGS,
    });
    expect(plan?.phases[0]?.steps[0]).toMatchObject({
      conditions: [{ probe: { how: 'person' } }],
      baselines: [],
    });
    expect(plan?.phases[0]?.gate?.requirements).toMatchObject([{ probe: { how: 'person' } }]);
    expect(
      coverage.sentences.filter(({ how }) => how.includes('a baseline is measured before')),
    ).toHaveLength(2);
  });
});

describe('thresholds of a migration metric', () => {
  function watched(metric: string, fields: string): string[] {
    const beside = `monitoring_and_observability: { migration_monitoring: [{ metric_name: ${metric}, ${fields} }] }`;
    const { plan, problems } = compiled('', { beside });
    const conditions = plan?.phases[0]?.steps[0]?.watch?.conditions ?? [];
    return [
      ...conditions.map(({ text, onFire }) => `${onFire}: ${text}`),
      ...problems.map(({ code }) => code),
    ];
  }

  test.each([
    [
      'p95',
      'alert_threshold: 500ms, critical_threshold: 1s',
      [
        'fail: p95 > 1 s (critical threshold, direction from the two thresholds)',
        'notify: p95 > 500 ms (alert threshold, direction from the two thresholds)',
      ],
    ],
    [
      'errors_percent',
      'alert_threshold: 99.9%, critical_threshold: 99%',
      [
        'fail: errors_percent < 99% (critical threshold, direction from the two thresholds)',
        'notify: errors_percent < 99.9% (alert threshold, direction from the two thresholds)',
      ],
    ],
    [
      'plain',
      'normal_range: -5 to 5, critical_threshold: "-10"',
      ['fail: plain < -10 (critical threshold, direction from the normal range)'],
    ],
    [
      'plain',
      'normal_range: -5 to 5, critical_threshold: "10"',
      ['fail: plain > 10 (critical threshold, direction from the normal range)'],
    ],
    ['plain', 'critical_threshold: above 5', ['fail: plain > 5 (critical threshold)']],
    ['p95', 'critical_threshold: "> 3x baseline"', ['fail: p95 > 3 x baseline (critical threshold)']],
    [
      'p95',
      'alert_threshold: "> 500ms", critical_threshold: 1s',
      [
        'fail: p95 > 1 s (critical threshold, direction from the alert threshold)',
        'notify: p95 > 500 ms (alert threshold)',
      ],
    ],
    ['plain', 'critical_threshold: "5"', ['unclear-threshold']],
    ['plain', 'critical_threshold: 5%', ['unclear-threshold']],
    ['p95', 'critical_threshold: "5"', ['unclear-threshold']],
    ['plain', 'critical_threshold: 5 in the morning', ['unclear-threshold']],
    ['plain', 'normal_range: 0-5, critical_threshold: "3"', ['unclear-threshold']],
    ['plain', 'normal_range: 0-5, critical_threshold: "< 4"', ['unclear-threshold']],
    ['plain', 'normal_range: "100", alert_threshold: "100"', ['unclear-threshold']],
  ])('%s with %s', (metric, fields, expected) => {
    expect(watched(metric, fields)).toEqual(expected);
  });
});

describe('an alert condition holds when something is wrong', () => {
  const HEALTH = 'http: "GET http://h/health -> 200"';
  function alarm(condition: string, checks = '{}'): unknown {
    const fields = `monitoring: { alert_conditions: [${JSON.stringify(condition)}] }`;
    const { plan, problems } = compiled(fields, { bindings: `${BINDINGS}checks: ${checks}` });
    if (plan === null) return problems.map(({ code }) => code);
    return plan.phases[0]?.steps[0]?.watch?.conditions.map(({ probe }) => probe.inverted ?? false) ?? 'asked';
  }

  test.each([
    ['http: GET http://h/health -> 200', '{}', ['fires-when-healthy']],
    ['http: GET http://h/health -> 503', '{}', [false]],
    ['$ curl -fsS http://h/health', '{}', ['fires-when-healthy']],
    ['$ ! curl -fsS http://h/health', '{}', [false]],
    ['Health check fails', `{ Health check fails: { ${HEALTH} } }`, ['fires-when-healthy']],
    ['Health check fails', `{ Health check fails: { ${HEALTH}, expect: fail } }`, [true]],
    ['Alarm is on', `{ Alarm is on: { ${HEALTH}, expect: pass } }`, [false]],
    ['Carts are missing', '{ Carts are missing: { command: ./missing.sh } }', [false]],
    ['Carts are there', '{ Carts are there: { command: ./there.sh, expect: fail } }', [true]],
  ])('%s with checks %s', (condition, checks, expected) => {
    expect(alarm(condition, checks)).toEqual(expected);
  });

  test('a trigger of a rollback as well, and a test dataset, which passes when all is well', () => {
    const beside =
      'rollback_strategy: { rollback_levels: [{ level: full, trigger_conditions: ["http: GET http://h/health", "dataset: D"] }] }';
    const { problems } = compiled('', { beside, bindings: 'datasets: { D: { command: d } }' });
    expect(problems.map(({ code }) => code)).toEqual(['fires-when-healthy', 'fires-when-healthy']);
  });
});

describe('prefixes are read in any case and with any blanks', () => {
  const connection = 'connections: { db: { postgres: "${env:DB}" } }';
  test.each([
    ['SQL: select 1', '[SQL on db: select 1]'],
    ['sql:select 1', '[SQL on db: select 1]'],
    ['Sql :  select 1', '[SQL on db: select 1]'],
    ['HTTP: GET http://h/x -> 204', '[GET http://h/x -> 204]'],
    ['http:get http://h/x', '[GET http://h/x -> 200]'],
    ['http://h/x', 'asked: asked of anyone'],
  ])('%s', (sentence, evaluated) => {
    expect(checkOf(sentence, connection)).toBe(evaluated);
  });
});

test('a business target is compared at the end of its period, which is after the completion; a period that is not understood is asked', () => {
  const beside = `success_criteria:
  business_success:
    - { criterion: Few errors, measurement: error_rate, target: "< 1%", measurement_period: First 2 weeks }
    - { criterion: Fewer, measurement: error_rate, target: "< 1%", measurement_period: Q1 }
    - { criterion: No errors, measurement: error_rate, target: "< 1%" }
    - { criterion: Odd, measurement: error_rate, target: "< 1% in all regions" }`;
  const { plan } = compiled('', { beside });
  expect(plan?.completion.requirements.map(({ text, probe }) => [text, probe.how])).toEqual([
    ['Fewer (< 1%; measured by error_rate; Q1)', 'person'],
    ['No errors: < 1%', 'metric'],
    ['Odd: < 1% in all regions', 'person'],
  ]);
  expect(plan?.afterwards?.followUps).toMatchObject([
    {
      kind: 'criterion',
      due: { kind: 'after', ms: 14 * 86_400_000 },
      checks: [{ text: 'Few errors: < 1%', probe: { how: 'metric' } }],
    },
  ]);
});
