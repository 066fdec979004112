import { expect, test } from 'vitest';
import { compileText, planOf, stepOf, strategyOf, troubles } from './support/compile-text.js';

const STRATEGY = strategyOf(stepOf('A', 1, 'responsible_party: Ops'));

const KEY = '{ kty: OKP, crv: Ed25519, x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }';

function troublesOf(bindings: string): string[] {
  const { problems } = compileText({ strategy: STRATEGY, bindings });
  return troubles(problems.filter(({ severity }) => severity === 'error'));
}

test.each([
  [
    'a password in a connection',
    'connections: { a: { postgres: "postgres://u:secret@h/d" } }',
    'literal-secret /connections/a/postgres',
  ],
  [
    'a password as a parameter',
    'connections: { a: { postgres: "host=h password=secret" } }',
    'literal-secret /connections/a/postgres',
  ],
  [
    'a reference of another kind',
    'connections: { a: { postgres: "${vault:x}" } }',
    'bad-reference /connections/a/postgres',
  ],
  [
    'the key of an archive, written out',
    'archive: { s3: { bucket: b, access_key_id: AK, secret_access_key: sk } }',
    'literal-secret /archive/s3/secret_access_key',
  ],
  ['half a key', 'archive: { s3: { bucket: b, access_key_id: AK } }', 'half-a-key /archive/s3'],
  [
    'an address with a path',
    'archive: { s3: { bucket: b, endpoint: "https://h/b" } }',
    'bad-endpoint /archive/s3/endpoint',
  ],
  ['a reference without its end', 'environment: { A: "${env:X" }', 'bad-reference /environment/A'],
  [
    'a secret in a command',
    'checks: { c: { command: "curl ${env:TOKEN}" } }',
    'misplaced-reference /checks/c/command',
  ],
  [
    'authority of a role that nobody knows',
    'authority: { abort: [Opps] }',
    'unknown-role /authority/abort/0',
  ],
  ['more votes than members', 'roles: { Ops: { members: [a], votes: 2 } }', 'too-many-votes /roles/Ops'],
  [
    'one metric twice',
    'metrics: { error rate: { command: a }, Error_Rate: { command: b } }',
    'duplicate-metric /metrics/Error_Rate',
  ],
  [
    'a freeze that ends before it begins',
    'freezes: { f: { from: 2026-01-02, to: 2026-01-01 } }',
    'empty-freeze /freezes/f',
  ],
  [
    'signed votes without an installation',
    'identity: { mode: signed, keys: {} }',
    'no-installation /identity/mode',
  ],
  [
    'a role of which too few members can sign',
    `roles: { Ops: { members: [a, b], votes: 2 } }\nidentity: { mode: signed, installation: i, keys: { a: [${KEY}] } }`,
    'no-key /roles/Ops',
  ],
  [
    'one key for two people',
    `identity: { mode: signed, installation: i, keys: { a: [${KEY}], b: [${KEY}] } }`,
    'shared-key /identity/keys/b/0/x',
  ],
  ['a missing script', 'datasets: { d: { script: no.sh } }', 'missing-script /datasets/d/script'],
])('%s is refused', (_, bindings, trouble) => {
  expect(troublesOf(bindings)).toEqual([trouble]);
});

test('no problem repeats a secret', () => {
  const bindings = 'connections: { a: { postgres: "postgres://u:hunter2@h/d" } }';
  expect(JSON.stringify(compileText({ strategy: STRATEGY, bindings }).problems)).not.toContain('hunter2');
});

test('references stay references', () => {
  const plan = planOf({
    strategy: STRATEGY,
    bindings: `connections: { a: { postgres: "postgres://\${env:USER}:\${file:/run/pw}@h/d" }, b: { postgres: "\${env:B}" } }
checks: { c: { command: 'echo "\${HOME}"' } }`,
  });
  expect(plan.bindings.connections).toEqual({
    a: { postgres: 'postgres://${env:USER}:${file:/run/pw}@h/d' },
    b: { postgres: '${env:B}' },
  });
});

test('windows and freezes are tied to the sentences of the strategy; others are asked', () => {
  const beside = `migration_overview:
  constraints: { migration_window: Nights, business_constraints: [No sale, Nobody is on holiday] }`;
  const plan = planOf({
    strategy: strategyOf(stepOf('A', 1, ''), beside),
    bindings: `windows: { Nights: { days: [mon], from: "22:00", to: "04:00", zone: UTC } }
freezes: { No sale: { from: 2026-01-01, to: 2026-01-02 } }
watch: { interval: 5s }`,
  });
  expect(plan.constraints).toEqual([
    { kind: 'window', text: 'Nights', window: { days: ['mon'], from: '22:00', to: '04:00', zone: 'UTC' } },
    { kind: 'freeze', text: 'No sale', freeze: { from: '2026-01-01', to: '2026-01-02', zone: 'UTC' } },
    { kind: 'person', text: 'Nobody is on holiday' },
  ]);
  expect(plan.bindings.watch).toEqual({ intervalMs: 5000, failureLimit: 3 });
});

test('roles that nobody is named for are pointed out, and bindings that nothing asks for', () => {
  const { coverage } = compileText({
    strategy: STRATEGY,
    bindings: 'roles: { Opps: { members: [a] } }\nchecks: { Nothing: { command: a } }',
  });
  expect(coverage.openRoles).toEqual(['Ops']);
  expect(coverage.unusedBindings).toEqual(['checks: Nothing', 'roles: Opps']);
});

test('names that objects are born with bind like any other', () => {
  const plan = planOf({
    strategy: strategyOf(
      stepOf(
        'A',
        1,
        'responsible_party: constructor\nx-connection: toString\nexecution_details: { commands: [select 1] }',
      ),
    ),
    bindings: 'connections: { toString: { postgres: "${env:A}" }, b: { postgres: "${env:B}" } }',
  });
  expect(plan.phases[0]?.steps[0]?.actions).toEqual([
    { kind: 'sql', statements: ['select 1'], connection: 'toString' },
  ]);
});

test('commands are left to the roles that the bindings name, else to every role of the strategy', () => {
  const bound = planOf({
    strategy: STRATEGY,
    bindings: 'roles: { VP: { members: [vera] } }\nauthority: { rollback: [VP], pause: null }',
  });
  expect(bound.authority).toEqual({ rollback: ['VP'], abort: ['Ops'], pause: ['Ops'], override: ['Ops'] });
  const plain = planOf({ strategy: strategyOf(stepOf('A', 1, '')) });
  expect(plain.authority).toEqual({ rollback: [], abort: [], pause: [], override: [] });
});
