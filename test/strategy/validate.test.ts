import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../strategy/problem.js';
import { bindingProblemsOf, briefly, expectInside, problemsOf } from './reading.js';
import { complete, FIELDS, parent, sampleValue, setAt, smallest } from './sample.js';

const text = (value: unknown) => JSON.stringify(value, null, 1);

/** Whatever a run cannot be made without. */
const REQUIRED = new Set(
  FIELDS.map((field) => field.path).filter((path) =>
    /^metadata\.version$|^migration_phases\[\]\.(phase_id|name|order|steps\[\]\.(step_id|name|order|type)|validation_gate\.gate_id)$|^prerequisites\[\]\.prerequisite_id$|rollback_levels\[\]\.level$|\.(migration_id|config_id|change_id|integration_id|milestone_id)$|deployment_strategy\.steps\[\]\.step_id$|critical_path\[\]\.step_id$/.test(
      path,
    ),
  ),
);

describe('a strategy', () => {
  it('may use every one of the 315 fields of the format', () => {
    expect(FIELDS).toHaveLength(315);
    expect(problemsOf(text(complete()))).toEqual([]);
  });

  it('may leave out, or set to null, whatever a run can do without', () => {
    expect(problemsOf(text(smallest()))).toEqual([]);
    for (const { path } of FIELDS) {
      const strategy = complete();
      setAt(strategy, path, null);
      expect(problemsOf(text(strategy)).length > 0, path).toBe(REQUIRED.has(path));
    }
  });

  it('must fit the type of every field', () => {
    for (const { path, type } of FIELDS) {
      const strategy = complete();
      setAt(strategy, path, { wrong: true });
      const pointer = `/${path.replaceAll('[]', '/0').replaceAll('.', '/')}`;
      expect(
        problemsOf(text(strategy)).map((problem) => problem.pointer),
        path,
      ).toEqual([pointer]);
      if (type !== 'ISO8601' && !type.startsWith('one of')) continue;
      setAt(strategy, path, `${String(sampleValue(type))}x`);
      expect(
        problemsOf(text(strategy)).map((problem) => problem.pointer),
        path,
      ).toEqual([pointer]);
    }
  });

  it('may not have a key misspelt anywhere; the right one is suggested; x- keys are free', () => {
    const objects = new Map(
      FIELDS.map(({ path }) => [path.split('.').slice(0, -1).join('.'), path.split('.').at(-1) ?? '']),
    );
    for (const [path, key] of objects) {
      const strategy = complete();
      const object = parent(strategy, path.split('.'));
      object['x-anything'] = { goes: [1, null, {}] };
      object[`${key}q`] = null;
      const [problem, ...others] = problemsOf(text(strategy));
      expect(others, path).toEqual([]);
      expect(problem).toMatchObject({ code: 'unknown-key', advice: `Did you mean "${key}"?` });
      expect(problem?.pointer).toBe(`/${path.replaceAll('[]', '/0').replaceAll('.', '/')}/${key}q`);
    }
  });

  it('has all its problems reported at once, in the order of the file', () => {
    const problems = problemsOf(
      [
        'metadata:',
        '  version: 1.0',
        '  created_date: 2025-13-01',
        '  last_updated: 2025-10-04T10:00',
        '  version: "2"',
        'migration_phases:',
        '  - phase_id: P',
        '    name: First',
        '    order: "1"',
        '    steps:',
        '      - step_id: "S\\u0001"',
        '        nmae: One',
        '        order: 1',
        '        type: data_migrate',
        '        x-soak: soon',
        '        x-retry: {attempts: 0}',
        '        execution_details:',
        '          commands: echo hi',
        '          automation_script: *other',
        'colour: red',
        '',
      ].join('\n'),
    );
    expect(briefly(problems)).toEqual([
      '2:12 wrong-type /metadata/version',
      '3:17 bad-date /metadata/created_date',
      '5:3 duplicate-key /metadata/version',
      '9:12 wrong-type /migration_phases/0/order',
      '11:18 bad-form /migration_phases/0/steps/0/step_id',
      '12:9 unknown-key /migration_phases/0/steps/0/nmae',
      '14:15 not-allowed /migration_phases/0/steps/0/type',
      '15:17 bad-form /migration_phases/0/steps/0/x-soak',
      '16:29 out-of-range /migration_phases/0/steps/0/x-retry/attempts',
      '18:21 wrong-type /migration_phases/0/steps/0/execution_details/commands',
      '19:30 alias /migration_phases/0/steps/0/execution_details/automation_script',
      '20:1 unknown-key /colour',
    ]);
  });

  it('has what was found, what is allowed and what was meant in a problem', () => {
    const strategy = smallest();
    setAt(strategy, 'migration_phases[].steps[].type', 'data_migrate');
    expect(problemsOf(text(strategy)).map(formatProblem)).toEqual([
      'm.yaml:16:14: error: the text "data_migrate" is not one of the allowed values [not-allowed at /migration_phases/0/steps/0/type]\n' +
        '    Did you mean "data_migration"? Allowed: code_deployment, data_migration, configuration, infrastructure, validation.',
    ]);
  });

  it('has its own x- keys on a step checked', () => {
    const step = 'migration_phases[].steps[].';
    const tried = (key: string, value: Parameters<typeof setAt>[2]) => {
      const strategy = smallest();
      setAt(strategy, step + key, value);
      return problemsOf(text(strategy)).length === 0;
    };
    for (const good of ['90s', '30 minutes', '1h 30m', '1.5 days', 'PT5M', null])
      expect(tried('x-timeout', good), String(good)).toBe(true);
    for (const bad of ['soon', '', 5, '5 bananas', `${'1m '.repeat(10_000)}!`])
      expect(tried('x-timeout', bad)).toBe(false);
    for (const good of [1, 3, { attempts: 3 }, { attempts: 3, delay: '5s' }])
      expect(tried('x-retry', good)).toBe(true);
    for (const bad of [0, -1, 1.5, '3', {}, { delay: '5s' }]) expect(tried('x-retry', bad)).toBe(false);
    expect([tried('x-idempotent', true), tried('x-idempotent', 'yes')]).toEqual([true, false]);
    expect([tried('x-uses', 'MIG-1'), tried('x-uses', 7)]).toEqual([true, false]);
    expect([tried('x-connection', 'db'), tried('x-connection', [])]).toEqual([true, false]);
  });

  it('takes dates of ISO 8601, quoted or not', () => {
    const dates = [
      '2025-10-04',
      '2025-10-04T10:00:00Z',
      '2025-10-04T10:00:00.123+02:00',
      '2025-10-04T10:00',
      '2025-10-04T10:00:30',
      '2025-10-04T10:00:00+02',
      '2025-10-04T23:59:60Z',
      '2025-10',
      '2025-W40-6',
      '2025-277',
    ];
    const head = text(smallest().migration_phases);
    for (const date of dates) {
      for (const written of [date, `"${date}"`]) {
        const yaml = `metadata:\n  version: "1"\n  created_date: ${written}\nmigration_phases: ${head.replaceAll('\n', '')}\n`;
        expect(problemsOf(yaml), written).toEqual([]);
      }
    }
  });

  it('gets an answer for any JSON whatever, with positions in the file', () => {
    const key = fc.constantFrom(
      'metadata',
      'migration_phases',
      'steps',
      'version',
      'step_id',
      'order',
      'x-retry',
      'toString',
      '',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree), (value) => {
        const yaml = text(value);
        expectInside(yaml, problemsOf(yaml));
        expectInside(yaml, bindingProblemsOf(yaml));
      }),
      { numRuns: 500 },
    );
  });

  it('survives a wrong value anywhere in a complete one, and says where', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIELDS), fc.jsonValue({ maxDepth: 2 }), ({ path }, value) => {
        const strategy = complete();
        setAt(strategy, path, JSON.parse(JSON.stringify(value)));
        const yaml = text(strategy);
        const problems = problemsOf(yaml);
        expectInside(yaml, problems);
        const pointer = `/${path.replaceAll('[]', '/0').replaceAll('.', '/')}`;
        for (const problem of problems)
          if (problem.code !== 'yaml-syntax') expect(problem.pointer).toContain(pointer);
      }),
    );
  });

  it('says how many more problems there are beyond ten thousand', () => {
    const problems = problemsOf(`metadata: {version: "1"}\nmigration_phases: [${'1,'.repeat(20_000)}]\n`);
    expect(problems).toHaveLength(10_001);
    expect(problems.at(-1)?.message).toContain('10000 more problems');
  });

  const example = new URL('../../../shared/spec/discount-code.migration-strategy.yaml', import.meta.url);
  it.runIf(existsSync(example))('of the specification is accepted as it is', () => {
    expect(problemsOf(readFileSync(example, 'utf8'))).toEqual([]);
  });
});

const BINDINGS = `
connections: { cart-db: { postgres: "\${env:CART_DB_URL}" } }
checks:
  "Backup file exists": { command: "test -s backup/*.sql" }
  "Columns are nullable": { sql: "select true", connection: cart-db }
  "Service {word} is up": { http: "GET http://localhost:8080/health -> 200" }
  "constructors work": { script: scripts/check.sh }
metrics:
  error_rate: { prometheus: { url: "http://localhost:9090", query: "x" }, unit: ratio }
  lag: { http: "http://localhost/stats", pointer: /lag }
  rows: { sql: "select count(*) from cart" }
  size: { command: "du -s ." }
datasets: { FF-TEST-001: { command: "npm run test:flags" } }
roles: { "DBA Lead": { members: ["alice", "bob"], votes: 1 } }
channels: { "#eng-alerts": { slack: "\${env:SLACK}" }, pagerduty: { webhook: "https://example.com" } }
windows: { "Weekday 10am-4pm EST": { days: [mon, tue], from: 10:00, to: "24:00", zone: America/New_York } }
freezes: { "Black Friday": { from: 2026-11-23, to: 2026-11-30 } }
environment: { PATH: "./bin:\${env:PATH}" }
forbidSelfApproval: true
identity: { mode: signed, installation: shop, keys: { alice: [{ kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo }] } }
watch: { interval: 10s, failureLimit: 3 }
x-owner: me
`;

describe('bindings', () => {
  it('may hold everything that can be bound, or nothing', () => {
    expect(bindingProblemsOf(BINDINGS)).toEqual([]);
    expect(bindingProblemsOf('checks:\nroles: {}\n')).toEqual([]);
  });

  it.each([
    ['two ways to probe', 'checks: {a: {command: x, sql: y}}', ['1:13 not-exactly-one /checks/a']],
    ['no way to probe', 'checks: {a: {}}', ['1:13 not-exactly-one /checks/a']],
    [
      'a misspelt way',
      'checks: {a: {comand: x}}',
      ['1:13 not-exactly-one /checks/a', '1:14 unknown-key /checks/a/comand'],
    ],
    [
      'a connection for a command',
      'checks: {a: {command: x, connection: y}}',
      ['1:13 missing-key /checks/a'],
    ],
    ['a probe without a name', 'checks: {"": {command: x}}', ['1:10 empty-text /checks/']],
    [
      'a private key',
      'identity: {mode: signed, keys: {a: [{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo, d: x}]}}',
      ['1:110 unknown-key /identity/keys/a/0/d'],
    ],
    ['no pointer', 'metrics: {a: {http: "http://x"}}', ['1:14 missing-key /metrics/a']],
    ['an unknown unit', 'metrics: {a: {command: x, unit: percents}}', ['1:33 not-allowed /metrics/a/unit']],
    ['a role of nobody', 'roles: {a: {members: []}}', ['1:22 empty-list /roles/a/members']],
    ['a member twice', 'roles: {a: {members: [b, b]}}', ['1:22 duplicate-item /roles/a/members']],
    [
      'an unknown day',
      'windows: {a: {days: [monday], from: "1:00", to: "02:00", zone: UTC}}',
      ['1:22 not-allowed /windows/a/days/0', '1:37 bad-form /windows/a/from'],
    ],
    [
      'a day that is none',
      'freezes: {a: {from: 2026-02-30, to: 2026-03-01}}',
      ['1:21 bad-date /freezes/a/from'],
    ],
    ['a name no shell takes', 'environment: {a-b: x}', ['1:15 bad-form /environment/a-b']],
    [
      'an interval that is none',
      'watch: {interval: often, failureLimit: 0}',
      ['1:19 bad-form /watch/interval', '1:40 out-of-range /watch/failureLimit'],
    ],
    ['an unknown section', 'check: {}', ['1:1 unknown-key /check']],
  ])('are refused with %s', (_, yaml, expected) => {
    expect(briefly(bindingProblemsOf(`${yaml}\n`))).toEqual(expected);
  });

  it('never have a value quoted in a problem: it may be a secret', () => {
    const problems = bindingProblemsOf(
      'environment: {A: 918273645}\nconnections: {db: {postgres: [s3cr3t]}}\nwatch: {interval: s3cr3t}\n',
    );
    expect(problems).toHaveLength(3);
    expect(problems.map(formatProblem).join('\n')).not.toMatch(/918273645|s3cr3t/);
  });
});
