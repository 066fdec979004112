/** Writing a strategy from nothing: init, check, fmt, schema, completion, as a user types them. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../cli/program.js';
import { VERBS } from '../../cli/verbs.js';
import { fakeTerminal } from './fixtures.js';
import { Sandbox } from './sluice.js';

let box: Sandbox;
beforeAll(async () => {
  box = new Sandbox();
  await box.sluice([
    'init',
    'carts',
    '--name',
    'Move: the "carts"',
    '--phase',
    'Expand',
    'Contract',
    '--database-url',
    'CART_DB_URL',
  ]);
});
afterAll(() => box.close());
const read = (path: string) => readFileSync(join(box.workspace, path), 'utf8');

describe('sluice init', () => {
  test('writes a strategy that passes the strictest check', async () => {
    const { code, stdout } = await box.sluice(['check', 'carts/migration-strategy.yaml', '--strict']);
    expect(stdout).toContain('carts/migration-strategy.yaml is good.');
    expect(code).toBe(0);
  });

  test('writes scripts that fail until they are written, so that nothing unwritten passes as done', async () => {
    const script = join(box.workspace, 'carts/scripts/undo-2.sh');
    expect(statSync(script).mode & 0o111).not.toBe(0);
    const { exitCode, stderr } = await execa(script, { reject: false });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('scripts/undo-2.sh is not written yet');
  });

  test('never overwrites a file, and then writes none', async () => {
    box.write('half/migration-bindings.yaml', 'roles: {}\n');
    const { code, stderr } = await box.sluice(['init', 'half']);
    expect(code).toBe(1);
    expect(stderr).toContain('half/migration-bindings.yaml exists already');
    expect(read('half/migration-bindings.yaml')).toBe('roles: {}\n');
    expect(() => read('half/migration-strategy.yaml')).toThrow();
  });

  test('refuses a URL where a name is asked, without printing it', async () => {
    const { code, stdout, stderr } = await box.sluice([
      'init',
      'url',
      '--database-url',
      'postgres://me:s3cret@db/x',
    ]);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('s3cret');
  });
});

describe('sluice fmt', () => {
  const ugly =
    'metadata:   # who\n      version:   "1.0.0"\nmigration_phases:\n- phase_id: P1   \n  name: One\n  order: 1\n';

  test('agrees with what init writes', async () => {
    const { code } = await box.sluice([
      'fmt',
      '--check',
      'carts/migration-strategy.yaml',
      'carts/migration-bindings.yaml',
    ]);
    expect(code).toBe(0);
  });

  test('keeps every value and comment, and has nothing left to do the second time', async () => {
    box.write('ugly.yaml', ugly);
    expect((await box.sluice(['fmt', '--check', 'ugly.yaml'])).code).toBe(1);
    expect(read('ugly.yaml')).toBe(ugly);
    expect((await box.sluice(['fmt', 'ugly.yaml'])).stdout).toContain('formatted ugly.yaml');
    expect(read('ugly.yaml')).toContain('# who');
    expect(load(read('ugly.yaml'))).toEqual(load(ugly));
    expect((await box.sluice(['fmt', '--check', 'ugly.yaml'])).code).toBe(0);
  });

  test('leaves a file that is not YAML as it is', async () => {
    box.write('broken.yaml', 'a: [1\nb: 2\n');
    const { code, stderr } = await box.sluice(['fmt', 'broken.yaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('broken.yaml is not YAML');
    expect(read('broken.yaml')).toBe('a: [1\nb: 2\n');
  });
});

test('sluice schema prints a schema that accepts what init writes', async () => {
  for (const [flag, file] of [
    [[], 'migration-strategy.yaml'],
    [['--bindings'], 'migration-bindings.yaml'],
  ] as const) {
    const { stdout } = await box.sluice(['schema', ...flag]);
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    ajv.addFormat('iso-8601', true);
    const validate = ajv.compile(JSON.parse(stdout));
    expect(
      validate(JSON.parse(JSON.stringify(load(read(`carts/${file}`))))),
      JSON.stringify(validate.errors),
    ).toBe(true);
  }
});

describe('sluice completion', () => {
  test('completes verbs, and the choices of a flag, in a real bash', async () => {
    const { stdout: script } = await box.sluice(['completion', 'bash']);
    const complete = async (...words: string[]) => {
      const { stdout } = await execa('bash', [
        '-c',
        `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sluice; echo "\${COMPREPLY[@]}"`,
        'bash',
        ...words,
      ]);
      return stdout.split(' ');
    };
    expect(await complete('sluice', '')).toEqual(Object.keys(VERBS));
    expect(await complete('sluice', 'che')).toEqual(['check']);
    expect(await complete('sluice', 'check', '--unbound', '')).toEqual(['person', 'fail']);
  });

  test.each(['zsh', 'fish'])('names every verb and flag for %s', async (shell) => {
    const { stdout } = await box.sluice(['completion', shell]);
    const program = await buildProgram(
      { terminal: fakeTerminal().terminal, finish: () => undefined, loadVerbs: async () => [] },
      () => undefined,
    );
    for (const command of program.commands) {
      expect(stdout).toContain(command.name());
      for (const { long } of command.options)
        expect(stdout).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long);
    }
  });
});
