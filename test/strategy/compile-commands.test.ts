import { expect, test } from 'vitest';
import { firstWordOf } from '../../strategy/compile/shell.js';
import type { Action } from '../../strategy/plan.js';
import type { Problem } from '../../strategy/problem.js';
import { compileText, stepOf, strategyOf } from './support/compile-text.js';

const BINDINGS = 'connections: { shop: { postgres: "${env:SHOP_URL}" } }';

function compiled(command: string): { actions: readonly Action[]; problems: readonly Problem[] } {
  const fields = `execution_details: { commands: [${JSON.stringify(command)}] }`;
  const { plan, problems } = compileText({
    strategy: strategyOf(stepOf('A', 1, fields)),
    bindings: BINDINGS,
    files: {
      'scripts/go.sh': {},
      'scripts/plain.sh': { executable: false },
      'scripts/old': { kind: 'folder' },
    },
  });
  return { actions: plan?.phases[0]?.steps[0]?.actions ?? [], problems };
}

test.each([
  'ALTER TABLE `cart` ADD COLUMN code text',
  'ALTER TABEL cart ADD COLUMN code text',
  'DELETE FROM cart WHERE old LIMIT 10',
  'Drain the node; then restart it',
  'creat type mood as enum (1)',
  'fetch origin',
  'notify ops',
  'release v1',
  'rollback to v1',
  'COMMIT',
  'begin',
  'checkpoint',
  'scripts/missing.sh',
  'scripts/plain.sh now',
  'scripts/old',
  'kubctl apply -f x.yaml',
])('%s is neither SQL nor a command that can be started: an error that says what to write', (command) => {
  const { problems } = compiled(command);
  expect(problems.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['error not-a-command']);
  expect(problems[0]?.advice).toMatch(/"\$ ".*"sql: "/);
});

test('the error names the objection of the parser, and the word that was probably meant', () => {
  expect(compiled('ALTER TABEL cart ADD a int').problems[0]?.message).toContain(
    'syntax error at or near "TABEL"',
  );
  expect(compiled('creat type mood as enum (1)').problems[0]?.advice).toContain('Did you mean "create"?');
  expect(compiled('scripts/go.s').problems[0]?.message).toContain('did you mean "scripts/go.sh"?');
});

test.each([
  'alter table cart add column code text',
  'vacuum cart',
  'lock table cart',
  'set search_path to shop',
  'truncate cart',
  'sql: fetch next from c',
  'sql: notify ops',
])('%s is SQL', (command) => {
  const { actions, problems } = compiled(command);
  expect(problems).toEqual([]);
  expect(actions.map(({ kind }) => kind)).toEqual(['sql']);
});

test.each([
  'kubectl apply -f x.yaml',
  'git fetch origin',
  'scripts/go.sh --all',
  './scripts/go.sh',
  'PGHOST=here pg_dump shop > dump.sql',
  '> log kubectl get pods',
  'if test -e x; then echo y; fi',
  '(cd scripts && ./go.sh)',
  '# why\ndate',
  'set -e; kubectl get pods',
  'truncate -s 0 log',
  '"kubectl" get pods',
  'NAME=value',
  '$ notify ops',
  '$ a-program-of-the-worker',
])('%s is a shell command', (command) => {
  const { actions, problems } = compiled(command);
  expect(problems).toEqual([]);
  expect(actions.map(({ kind }) => kind)).toEqual(['command']);
});

test.each([
  'git fetch origin',
  'make all install',
  'make',
  'test connection',
  'find old',
  'docker compose up',
  'systemctl restart nginx',
  'ip route add default via gateway',
  'ip rule add from all lookup main',
  'git push origin main',
  'echo the backup is done',
  'find . -name the -or -name a',
  'test "the connection"',
  'git log the/path and more',
  'for x in a b; do date; done',
  'test $THE is a',
  'make the > log and more',
  '$ test the connection',
])('%s is a command without any doubt', (command) => {
  const { actions, problems } = compiled(command);
  expect(problems).toEqual([]);
  expect(actions.map(({ kind }) => kind)).toEqual(['command']);
});

test.each([
  'test the connection',
  'find the old rows and fix them',
  'make a backup.',
  'wait for 5 minutes',
  'make sure, with the DBA, that nobody writes',
  'wait until replication has caught up',
])('%s begins with a program and reads as prose: a warning that names both ways out', (command) => {
  const { problems } = compiled(command);
  expect(problems.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning prose-command']);
  expect(problems[0]?.advice).toMatch(/"\$ ".*manual_steps/);
});

test.each(['$TOOL deploy', '"$HOME/bin/tool" x', '$(which tool) x', '~/bin/tool', '../tool', '`which tool`'])(
  'whether %s can be started is not known before it runs: a warning',
  (command) => {
    const { actions, problems } = compiled(command);
    expect(problems.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning unknown-program']);
    expect(actions.map(({ kind }) => kind)).toEqual(['command']);
  },
);

test.each([
  ["FOO=1 BAR='a b' cmd x", 'cmd'],
  ['2>&1 cmd', 'cmd'],
  ['A=$(date +%s) cmd', 'cmd'],
  ['c\\md x', 'cmd'],
  ["'my prog' x", 'my prog'],
  ['! test -e x', '!'],
  ['cmd;other', 'cmd'],
  ['[ -e x ] && cmd', '['],
])('%s begins with %s', (line, word) => {
  expect(firstWordOf(line)).toEqual({ kind: 'word', word });
});

test.each([
  ['checks: { It holds: { sql: "select 1 from a form pg_attribute" } }', '/checks/It holds/sql'],
  ['metrics: { lag: { sql: "select count(*) form pg_attribute" } }', '/metrics/lag/sql'],
  ['datasets: { D-1: { sql: "selec 1" } }', '/datasets/D-1/sql'],
])('SQL of the bindings is parsed: %s', (section, pointer) => {
  const strategy = strategyOf(stepOf('A', 1, 'execution_details: { commands: [date] }'));
  const { problems } = compileText({ strategy, bindings: `${BINDINGS}\n${section}` });
  expect(problems.map((problem) => `${problem.code} ${problem.pointer}`)).toEqual([`bad-sql ${pointer}`]);
});

test('SQL behind a prefix is parsed, as a command and as a check', () => {
  const fields =
    'execution_details: { commands: ["sql: selec 1"] }\nvalidation: { validation_checks: ["sql: selec 2"] }';
  const { problems } = compileText({ strategy: strategyOf(stepOf('A', 1, fields)), bindings: BINDINGS });
  expect(problems.map(({ code }) => code)).toEqual(['bad-sql', 'bad-sql']);
});
