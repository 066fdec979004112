/** The command line on a real engine: `sluice up` in one process, people in others. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { type Background, Sandbox } from './sluice.js';

const approval = { approval_required: true, approvers: ['DBA Lead'] };

let box: Sandbox;
let up: Background;

beforeAll(async () => {
  box = new Sandbox();
  box.write('migration-bindings.yaml', { environment: { LEDGER: join(box.workspace, 'ledger') } });
  box.write('simple.yaml', strategy([phase('P1', 1, [step('S1', 1), step('S2', 2)])]));
  box.write('other.yaml', strategy([phase('P1', 1, [step('S1', 1)])]));
  box.write(
    'gated.yaml',
    strategy([phase('P1', 1, [step('S1', 1)], gate('G1', approval)), phase('P2', 2, [step('S2', 1)])]),
  );
  box.write(
    'failing.yaml',
    strategy([phase('P1', 1, [step('S1', 1), step('S2', 2, { commands: ['echo broken; exit 3'] })])]),
  );
  box.write(
    'waiting.yaml',
    strategy([
      phase('P1', 1, [
        step('S1', 1, { commands: ['while [ ! -e go ]; do sleep 0.1; done; echo went >> $LEDGER'] }),
      ]),
    ]),
  );
  up = box.start(['up']);
  await up.until(/^Ready/m);
});
afterAll(() => box.close());

test('sluice up prints the link to the dashboard, and keeps it in engine.json', async () => {
  const link = /^Dashboard: (\S+)$/m.exec(up.printed)?.[1] ?? '';
  const record: unknown = JSON.parse(readFileSync(join(box.home, 'engine.json'), 'utf8'));
  expect(record).toMatchObject({ dashboard: link });
  const answer = await fetch(link, { redirect: 'manual' });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('set-cookie')).toContain('HttpOnly');
});

describe('sluice run', () => {
  test('carries a strategy out, one plain line per event, exit 0', async () => {
    const { code, stdout } = await box.sluice(['run', 'simple.yaml', '--id', 'simple-1']);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ .*S1/m);
    expect(stdout).toMatch(/run simple-1 · completed/);
    expect(stdout).not.toContain('\u001B');
    expect(box.ledger()).toEqual(['do S1', 'do S2']);
    expect(code).toBe(0);
  });

  test('--json prints the view and nothing else on stdout', async () => {
    const { code, stdout, stderr } = await box.sluice([
      'run',
      'simple.yaml',
      '--id',
      'simple-2',
      '--json',
      '--compress',
      '60',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      run: 'simple-2',
      status: 'completed',
      submittedBy: 'erin',
      compress: 60,
      applied: ['S1', 'S2'],
    });
    expect(stderr).toMatch(/S1/);
    expect(code).toBe(0);
  });

  test('a failure that is rolled back is exit 4', async () => {
    const { code, stdout } = await box.sluice([
      'run',
      'failing.yaml',
      '--id',
      'failing-1',
      '--on-failure',
      'full',
    ]);
    expect(stdout).toMatch(/rolled back/);
    expect(box.ledger().at(-1)).toBe('undo S1');
    expect(code).toBe(4);
    expect((await box.sluice(['status', 'failing-1'])).code).toBe(4);
  });

  test('what a command printed is in the logs', async () => {
    const { code, stdout } = await box.sluice(['logs', 'failing-1', 'S2']);
    expect(stdout).toContain('broken');
    expect(code).toBe(0);
    const json = await box.sluice(['logs', 'failing-1', 'S2', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { text: expect.stringContaining('broken'), cut: false },
      {},
    ]);
    const none = await box.sluice(['logs', 'failing-1', 'S9']);
    expect(none.stderr).toMatch(/has no step "S9"/);
    expect(none.code).toBe(1);
  });

  test('an id that was used is refused', async () => {
    const { code, stderr } = await box.sluice(['run', 'simple.yaml', '--id', 'simple-1']);
    expect(stderr).toMatch(/simple-1.*has ended/);
    expect(code).toBe(1);
  });
});

describe('a run that waits for a person', () => {
  test('--no-wait leaves it alive, exit 3; status says so as well', async () => {
    const { code, stdout, stderr } = await box.sluice(['run', 'gated.yaml', '--id', 'gated-1', '--no-wait']);
    expect(stdout).toContain("sluice approve gated-1 approval:G1 --as 'DBA Lead'");
    expect(stderr).toMatch(/waits for a person/);
    expect(code).toBe(3);
    const status = await box.sluice(['status', 'gated', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ run: 'gated-1', decisions: [{ id: 'approval:G1' }] });
    expect(status.code).toBe(3);
  });

  test('is followed under the same id and plan, and refused under another plan', async () => {
    const same = await box.sluice(['run', 'gated.yaml', '--id', 'gated-1', '--no-wait']);
    expect(same.stderr).toMatch(/already under way/);
    expect(same.code).toBe(3);
    const other = await box.sluice(['run', 'other.yaml', '--id', 'gated-1', '--json']);
    expect(JSON.parse(other.stdout)).toMatchObject({ error: { code: 'run-exists' } });
    expect(other.code).toBe(1);
  });

  test('is in the inbox of those who may answer', async () => {
    const mine = await box.sluice(['inbox', '--as', 'DBA Lead', '--json']);
    expect(JSON.parse(mine.stdout)).toMatchObject({
      entries: [{ run: 'gated-1', decision: { id: 'approval:G1' }, options: ['approve', 'reject'] }],
    });
    const theirs = await box.sluice(['inbox', '--as', 'nobody']);
    expect(theirs.stdout).toMatch(/No decisions are open/);
  });

  test('refuses a wrong vote at once, exit 1, and nothing has changed', async () => {
    const { code, stdout, stderr } = await box.sluice(['approve', 'gated-1', '--as', 'mallory']);
    expect(stderr).toMatch(/mallory does not hold/);
    expect(stdout).toBe('');
    expect(code).toBe(1);
    const option = await box.sluice([
      'decide',
      'gated-1',
      'approval:G1',
      'perhaps',
      '--as',
      'DBA Lead',
      '--json',
    ]);
    expect(JSON.parse(option.stdout)).toMatchObject({ error: { code: 'refused' } });
    const { stdout: text } = await box.sluice(['status', 'gated-1', '--json']);
    expect(JSON.parse(text)).toMatchObject({ decisions: [{ votes: [] }] });
  });

  test('continues when it is approved from another process', async () => {
    const watching = box.start(['status', 'gated-1', '--watch']);
    const { code, stdout, stderr } = await box.sluice([
      'approve',
      'gated-1',
      '--as',
      'DBA Lead',
      '--reason',
      'looks good',
    ]);
    expect(stdout).toMatch(/DBA Lead voted approve on approval:G1 of gated-1/);
    expect(stderr).toMatch(/approval:G1 · needs "DBA Lead" · run gated-1\n {2}Approve G1/);
    expect(code).toBe(0);
    expect((await watching.ended()).code).toBe(0);
    const events = await box.sluice(['events', 'gated-1', '--json']);
    expect(JSON.parse(events.stdout)).toContainEqual(
      expect.objectContaining({ type: 'vote-cast', vote: expect.objectContaining({ reason: 'looks good' }) }),
    );
    expect((await box.sluice(['events', 'gated-1'])).stdout).toMatch(
      /^\d{4}-.* \d\d:\d\d:\d\d \S+ .*looks good/m,
    );
  });

  test('tells a rejection by its exit code', async () => {
    const run = box.start(['run', 'gated.yaml', '--id', 'gated-2', '--on-failure', 'full']);
    await run.until(/Decision needed: approval:G1/);
    expect((await box.sluice(['reject', 'gated-2', 'G1', '--as', 'DBA Lead'])).code).toBe(0);
    expect((await run.ended()).code).toBe(4);
  });
});

describe('commands', () => {
  test('--detach returns at once, and the run can be paused, resumed and aborted', async () => {
    const { code, stdout } = await box.sluice(['run', 'waiting.yaml', '--id', 'orders-1', '--detach']);
    expect(stdout).toBe('orders-1\n');
    expect(code).toBe(0);
    const resumed = await box.sluice(['resume', 'orders-1']);
    expect(resumed.stderr).toMatch(/not paused/);
    expect(resumed.code).toBe(1);
    expect((await box.sluice(['pause', 'orders-1', '--json'])).code).toBe(0);
    expect((await box.sluice(['resume', 'orders-1'])).code).toBe(0);
    const nowhere = await box.sluice(['rollback', 'orders-1', '--to', 'P9']);
    expect(nowhere.stderr).toMatch(/P9/);
    expect(nowhere.code).toBe(1);
    expect((await box.sluice(['abort', 'orders-1', '--reason', 'enough'])).code).toBe(0);
    const watched = await box.sluice(['status', 'orders-1', '--watch']);
    expect(watched.stdout).toMatch(/aborted/);
    expect(watched.code).toBe(1);
  });

  test('the start of an id is never enough to change a run, exit 2', async () => {
    await box.sluice(['run', 'waiting.yaml', '--id', 'alike-10', '--detach']);
    for (const verb of [['abort'], ['pause'], ['rollback'], ['approve'], ['reject']]) {
      const { code, stderr } = await box.sluice([...verb, 'alike-1']);
      expect(stderr).toMatch(/no run "alike-1".*alike-10[\s\S]*needs the full id/);
      expect(code).toBe(2);
    }
    const decided = await box.sluice(['decide', 'alike-1', 'failure:S1', 'abort', '--json']);
    expect(JSON.parse(decided.stdout)).toMatchObject({ error: { code: 'usage' } });
    const { stdout } = await box.sluice(['status', 'alike-1', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ run: 'alike-10', status: 'running', pausedBy: null });
    expect((await box.sluice(['abort', 'alike-10'])).code).toBe(0);
  });

  test('an unknown run is told, exit 1', async () => {
    const { code, stderr } = await box.sluice(['pause', 'nowhere']);
    expect(stderr).toMatch(/There is no run "nowhere"/);
    expect(code).toBe(1);
  });

  test('the list has every run', async () => {
    const { code, stdout } = await box.sluice(['list', '--json']);
    const runs: readonly { readonly run: string }[] = JSON.parse(stdout);
    expect(runs.map(({ run }) => run)).toEqual(
      expect.arrayContaining(['simple-1', 'failing-1', 'gated-1', 'orders-1']),
    );
    expect(code).toBe(0);
    expect((await box.sluice(['list'])).stdout).toMatch(/^gated-1 +completed/m);
  });
});

describe('stopping and going on', () => {
  test('Ctrl-C says that nothing is lost; ended runs are readable without an engine; the next run of the id continues', async () => {
    const first = box.start(['run', 'waiting.yaml', '--id', 'stopped-1']);
    await first.until(/S1 started/);
    up.interrupt();
    expect((await up.ended()).code).toBe(0);
    first.interrupt();
    const { code, stderr } = await first.ended();
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining('Nothing is lost') });
    expect((await box.sluice(['list'])).code).toBe(5);
    const ended = await box.sluice(['status', 'simple-1', '--json']);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      run: 'simple-1',
      status: 'completed',
      applied: ['S1', 'S2'],
    });
    expect(ended.code).toBe(0);
    const events = await box.sluice(['events', 'simple-1', '--json']);
    expect(JSON.parse(events.stdout).at(-1)).toMatchObject({ type: 'run-ended', status: 'completed' });
    const back = box.start(['up']);
    await back.until(/^Ready/m);
    expect(back.printed).toContain('Continues: stopped-1');
    expect(back.printed).not.toMatch(/no worker|start one/i);
    const second = box.start(['run', 'waiting.yaml', '--id', 'stopped-1']);
    await second.until(/already under way/);
    writeFileSync(join(box.workspace, 'go'), '');
    const done = await second.ended();
    expect(done.stdout).toMatch(/run stopped-1 · completed/);
    expect(done.code).toBe(0);
    expect(box.ledger().filter((line) => line === 'went')).toEqual(['went']);
  });
});
