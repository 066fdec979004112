/** One text may fill the whole file, 10 MB of it: wherever it stands, `check` comes to an end and says a few words about it. */
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from '../cli/sluice.js';
import { gate, phase, step, strategy } from '../support/strategies.js';

/** What the rest of the file leaves of its 10 MB. */
const LENGTH = 9_990_000;
/** More than two screens of text would hide what is wrong. */
const FEW_WORDS = 4_000;

const sandbox = new Sandbox();
afterAll(() => sandbox.close());

const filled = (unit: string): string => unit.repeat(LENGTH / unit.length);
const withStep = (more: object): object => strategy([phase('P', 1, [step('A', 1, { more })])]);
const withCriterion = (text: string): object =>
  strategy([phase('P', 1, [step('A', 1)], gate('G', { criteria: [text] }))]);
const withBindings = (bindings: object): readonly [object, object] => [
  withCriterion('The rate of errors is low'),
  bindings,
];

const FILES: Readonly<Record<string, () => object | readonly [object, object]>> = {
  'an id': () => withStep({ step_id: filled('x') }),
  'a name': () => withStep({ name: filled('n') }),
  'a command': () => withStep({ execution_details: { commands: [filled('$ ')] } }),
  'a script': () => withStep({ execution_details: { automation_script: filled('../') } }),
  'a duration': () => withStep({ 'x-soak': `${filled('1')}d` }),
  'words of a sentence': () => withCriterion(filled('a ')),
  'a comparison': () => withCriterion(`errors ${filled('> ')}1`),
  'a number': () => withStep({ monitoring: { alert_conditions: [`errors > ${filled('9')}`] } }),
  'an SQL statement': () => withCriterion(`sql: ${filled('(')}`),
  'a URL': () => withCriterion(`http: GET http://${filled('@')}`),
  'a dataset': () => withCriterion(`dataset: ${filled('x')}`),
  'an expression of the bindings': () => withBindings({ checks: { [filled('{} ')]: { command: 'true' } } }),
  'a JSON pointer of the bindings': () =>
    withBindings({ metrics: { errors: { http: 'http://localhost/', pointer: filled('/~') } } }),
  'a connection of the bindings': () =>
    withBindings({ connections: { target: { postgres: `postgres://u:${filled('${env:')}` } } }),
  'a variable of the bindings': () => withBindings({ environment: { NAME: filled('${') } }),
};

test.each(Object.entries(FILES))('%s of 10 MB', async (_name, make) => {
  const made = make();
  const [given, bindings] = Array.isArray(made) ? made : [made, {}];
  sandbox.write('migration-strategy.yaml', given);
  sandbox.write('migration-bindings.yaml', bindings);
  const { code, stdout, stderr } = await sandbox.sluice(['check', 'migration-strategy.yaml']);
  expect([0, 1]).toContain(code);
  // Its verdict, and no crash that has the same exit code.
  expect(stdout + stderr).toMatch(code === 0 ? /sentences ask for something/ : /cannot run:/);
  expect(stdout.length + stderr.length).toBeLessThan(FEW_WORDS);
  expect(stdout + stderr).not.toContain('file-too-large');
});
