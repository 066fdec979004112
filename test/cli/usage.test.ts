import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { phase, step, strategy } from '../support/strategies.js';
import { Sandbox } from './sluice.js';

let box: Sandbox;
beforeAll(() => {
  box = new Sandbox();
  box.write('good.yaml', strategy([phase('P1', 1, [step('S1', 1), step('S2', 2)])]));
  box.write('bad.yaml', 'metadata:\n  versio: 1\nmigration_phases: []\nextra: 1\n');
});
afterAll(() => box.close());

describe('sluice check', () => {
  test('says that a good file is good, and what becomes of its sentences', async () => {
    const { code, stdout, stderr } = await box.sluice(['check', 'good.yaml']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/sentences ask for something/);
    expect(stdout).toMatch(/^good\.yaml (is good|can run)/m);
    expect(code).toBe(0);
  });

  test('--all goes through the sentences one by one', async () => {
    const short = await box.sluice(['check', 'good.yaml']);
    const { stdout } = await box.sluice(['check', 'good.yaml', '--all']);
    expect(stdout.split('\n').length).toBeGreaterThan(short.stdout.split('\n').length);
    expect(stdout).toContain('echo do S1');
  });

  test('reports every problem of a bad file with its place, exit 1', async () => {
    const { code, stdout } = await box.sluice(['check', 'bad.yaml']);
    expect(stdout).toMatch(/^bad\.yaml:2:3: error: .*versio/m);
    expect(stdout).toMatch(/^bad\.yaml:4:1: error: .*extra/m);
    expect(stdout).toMatch(/Did you mean "version"\?/);
    expect(code).toBe(1);
  });

  test('--json prints one document and nothing else, good or bad', async () => {
    const good = await box.sluice(['check', 'good.yaml', '--json']);
    expect(JSON.parse(good.stdout)).toMatchObject({
      ok: true,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const bad = await box.sluice(['check', 'bad.yaml', '--json']);
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, hash: null, problems: expect.any(Array) });
    expect(bad.code).toBe(1);
  });

  test('says plainly that a file is not there', async () => {
    const { code, stdout } = await box.sluice(['check', 'nowhere.yaml']);
    expect(stdout).toContain('does not exist');
    expect(code).toBe(1);
  });
});

describe('sluice plan', () => {
  test('shows the steps and the way back', async () => {
    const { code, stdout } = await box.sluice(['plan', 'good.yaml']);
    expect(stdout).toMatch(/S1[\s\S]*echo do S1[\s\S]*echo undo S1[\s\S]*S2/);
    expect(code).toBe(0);
  });

  test('--format json and --json are the plan itself', async () => {
    const [one, other] = await Promise.all([
      box.sluice(['plan', 'good.yaml', '--format', 'json']),
      box.sluice(['plan', 'good.yaml', '--json']),
    ]);
    expect(JSON.parse(one.stdout)).toMatchObject({ format: 1, phases: [{ id: 'P1' }] });
    expect(other.stdout).toBe(one.stdout);
  });

  test('of a bad file is refused with all problems, exit 1', async () => {
    const text = await box.sluice(['plan', 'bad.yaml']);
    expect(text.stdout).toBe('');
    expect(text.stderr).toMatch(/bad\.yaml:2:3: error/);
    expect(text.code).toBe(1);
    const json = await box.sluice(['plan', 'bad.yaml', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code: 'bad-plan', problems: expect.any(Array) },
    });
    expect(json.code).toBe(1);
  });
});

describe('wrong usage', () => {
  test.each([
    [['chek', 'good.yaml'], /Did you mean check\?/],
    [['check', '--al', 'good.yaml'], /Did you mean --all\?/],
    [['check'], /missing required argument 'file'/],
    [['run', 'good.yaml', '--compress', '0'], /at least 1/],
    [['run', 'good.yaml', '--on-failure', 'perhaps'], /strategy, full/],
    [['plan', 'good.yaml', '--format', 'pdf'], /text, json/],
    [['approve'], /missing required argument 'run'/],
    [['run', 'good.yaml', '--id', 'not a name'], /letters, digits/],
  ])('%j is reported on stderr, exit 2', async (args, words) => {
    const { code, stdout, stderr } = await box.sluice(args);
    expect(stderr).toMatch(words);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('under --json it is a document', async () => {
    const { code, stdout } = await box.sluice(['status', '--jsno', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('--jsno') },
    });
    expect(code).toBe(2);
  });

  test('a flag that another flag contradicts is reported as well', async () => {
    const { code, stdout } = await box.sluice(['status', '--watch', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage', advice: 'Use only one of them.' } });
    expect(code).toBe(2);
  });

  test('without a verb it shows what there is', async () => {
    const { code, stderr } = await box.sluice([]);
    expect(stderr).toContain('Commands:');
    expect(code).toBe(2);
  });
});

describe('without an engine', () => {
  const verbs = [
    ['list'],
    ['inbox'],
    ['status'],
    ['status', 'r'],
    ['approve', 'r'],
    ['decide', 'r', 'd', 'retry'],
    ['pause', 'r'],
    ['rollback', 'r'],
    ['events', 'r'],
    ['run', 'good.yaml', '--detach'],
    ['worker'],
  ];

  test.each(verbs.map((args) => [args.join(' '), args] as const))(
    '%s says what to do, exit 5',
    async (_name, args) => {
      const { code, stdout, stderr } = await box.sluice(args);
      expect(stderr).toMatch(/No engine is running/);
      expect(stderr).toMatch(/sluice up/);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stdout).toBe('');
      expect(code).toBe(5);
    },
  );

  test('under --json it is a document', async () => {
    const { code, stdout } = await box.sluice(['list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'no-engine', advice: expect.any(String) } });
    expect(code).toBe(5);
  });

  test('a cluster that does not answer is named', async () => {
    const { code, stderr } = await box.sluice(['list'], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(stderr).toContain('127.0.0.1:1');
    expect(code).toBe(5);
  });

  test('a server binary that cannot be used is reported when one is needed', async () => {
    const { code, stderr } = await box.sluice(['run', 'good.yaml'], {
      SLUICE_TEMPORAL_BIN: '/nowhere/temporal',
    });
    expect(stderr).toContain('/nowhere/temporal');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(5);
  });
});

describe('with an engine and no worker', () => {
  const lonely = () => ({ TEMPORAL_ADDRESS: inject('engine'), SLUICE_TASK_QUEUE: `nobody-${process.pid}` });

  test('--detach submits nothing and says so, exit 5', async () => {
    const { code, stdout, stderr } = await box.sluice(
      ['run', 'good.yaml', '--id', `lonely-${process.pid}`, '--detach'],
      lonely(),
    );
    expect(stderr).toMatch(/No worker polls/);
    expect(stderr).toMatch(/sluice up/);
    expect(stdout).toBe('');
    expect(code).toBe(5);
    const list = await box.sluice(['list', '--json'], lonely());
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).not.toContain(`lonely-${process.pid}`);
  });
});
