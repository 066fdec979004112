/** `sluice rehearse` finds each way in which an undo can be wrong, and says so per point. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RehearsalReport } from '../../rehearsal/results.js';
import { type Finished, Sandbox } from '../cli/sluice.js';
import { gate, phase, step, strategy } from '../support/strategies.js';

const PLANTED = strategy(
  [
    phase(
      'P1',
      1,
      [
        step('ONLY-ONCE', 1, {
          commands: ['$ echo y > once'],
          undo: ['mkdir "$MARKS/undone" && rm -f once'],
        }),
        step('HARMFUL', 2, {
          commands: ['$ mv precious kept && echo new > precious'],
          undo: ['rm -f precious; if [ -e kept ]; then mv kept precious; fi'],
        }),
        step('LEAVES-IT', 3, { commands: ['$ echo x > left; date +%N > clock'], undo: ['rm -f clock.no'] }),
      ],
      {
        ...gate('GATE', { approval_required: true, approvers: ['Lead', 'Owner'] }),
        rollback_point: { can_rollback_from_here: true },
      },
    ),
  ],
  { rollback_strategy: { rollback_levels: [{ level: 'full', description: 'All', decision_maker: 'Lead' }] } },
);

const BINDINGS = {
  roles: { Lead: { members: ['ann', 'bob'], votes: 2 } },
  environment: { MARKS: '${env:MARKS}' },
  rehearsal: {
    setup: { command: 'mkdir "$SLUICE_REHEARSAL/marks" && echo "MARKS=$SLUICE_REHEARSAL/marks"' },
    teardown: { command: 'echo "$MARKS" >> "$SLUICE_WORKSPACE/../torn-down"' },
    fingerprint: [{ files: ['precious', 'once', 'left'] }, { command: 'date +"time %N"; cat precious' }],
    mask: ['time \\d+'],
  },
};

let box: Sandbox;
let first: Finished;
let report: RehearsalReport & { readonly folder: string };
beforeAll(async () => {
  box = new Sandbox();
  box.write('project/migration-strategy.yaml', PLANTED);
  box.write('project/migration-bindings.yaml', BINDINGS);
  box.write('project/precious', 'valuable\n');
  first = await box.sluice(['rehearse', 'project/migration-strategy.yaml', '--json']);
  if (first.stdout.includes('"error"')) throw new Error(first.stdout + first.stderr);
  report = JSON.parse(first.stdout);
});
afterAll(() => box.close());

const result = (id: string) => report.results.find((found) => found.id === id);

describe('sluice rehearse', () => {
  test('carries out one trial per point, and exits with 1 when a way back does not hold', () => {
    expect(first.code).toBe(1);
    expect(report.results).toHaveLength(1 + 3 * 5 + 1 + 1 + 1);
    expect(result('straight')).toMatchObject({ status: 'completed' });
    expect(report.results.filter(({ status }) => status === 'failed')).toEqual([]);
  });

  test('finds the undo that does not restore, and shows the difference', () => {
    expect(result('LEAVES-IT.1.before')).toMatchObject({ status: 'restored', difference: [] });
    expect(result('LEAVES-IT.1.after')).toMatchObject({
      status: 'differs',
      difference: ['- left is not there', '+ left 644', '+ left: x'],
    });
    expect(result('GATE.rejected')).toMatchObject({ status: 'differs' });
    expect(result('P1.rollback-point')).toMatchObject({ status: 'differs' });
    expect(result('level.full')).toMatchObject({ status: 'differs' });
  });

  test('finds the undo that works only once', () => {
    expect(result('ONLY-ONCE.1.after')).toMatchObject({ status: 'restored' });
    expect(result('ONLY-ONCE.undo-twice')).toMatchObject({
      status: 'stuck',
      reason: expect.stringContaining('mkdir'),
    });
  });

  test('finds the undo that is not harmless when nothing was done', () => {
    expect(result('HARMFUL.1.after')).toMatchObject({ status: 'restored' });
    expect(result('HARMFUL.1.before')).toMatchObject({
      status: 'differs',
      difference: expect.arrayContaining(['- precious: valuable', expect.stringContaining('cannot be read')]),
    });
  });

  test('changes nothing but copies, and tears every one down', () => {
    expect(readFileSync(join(box.workspace, 'project/precious'), 'utf8')).toBe('valuable\n');
    expect(existsSync(join(box.workspace, 'project/left'))).toBe(false);
    const copies = box.ledger('torn-down');
    expect(new Set(copies).size).toBe(report.results.length);
    expect(copies.filter((copy) => existsSync(copy))).toEqual([]);
  });

  test('measures the undos, and leaves evidence and the entries of rollback_testing', () => {
    expect(result('HARMFUL.1.after')?.undos.map(({ step }) => step)).toEqual(['HARMFUL', 'ONLY-ONCE']);
    const { evidence = '' } = result('LEAVES-IT.1.after') ?? {};
    expect(readFileSync(join(report.folder, evidence, 'difference.txt'), 'utf8')).toContain('+ left: x');
    expect(readFileSync(join(report.folder, evidence, 'events.jsonl'), 'utf8')).toContain(
      'Rehearsal: it failed after',
    );
    const entries: unknown[] = JSON.parse(readFileSync(join(report.folder, 'rollback_testing.json'), 'utf8'));
    expect(entries).toHaveLength(report.results.length - 1);
    expect(entries).toContainEqual(
      expect.objectContaining({
        rollback_scenario: expect.stringMatching(/^HARMFUL\.1\.before: /),
        tested: true,
        test_result: 'failed',
      }),
    );
  });

  test('does not repeat what is finished, and --only shows one step or gate', async () => {
    const before = box.ledger('torn-down').length;
    const again = await box.sluice([
      ...['rehearse', 'project/migration-strategy.yaml', '--only', 'ONLY-ONCE', '--json'],
    ]);
    const { results }: RehearsalReport = JSON.parse(again.stdout);
    expect(results.map(({ id }) => id)).toEqual([
      'straight',
      ...['before', 'killed', 'after', 'timed-out'].map((injury) => `ONLY-ONCE.1.${injury}`),
      'ONLY-ONCE.undo-twice',
    ]);
    expect(box.ledger('torn-down')).toHaveLength(before);
  });
});

test('a second Ctrl-C ends sluice rehearse at once, and the copies go away all the same', async () => {
  box.write(
    'slow/migration-strategy.yaml',
    strategy([phase('P1', 1, [step('S1', 1, { commands: ['$ echo "$COPY" >> "$ROOT/begun"; sleep 300'] })])]),
  );
  box.write('slow/migration-bindings.yaml', {
    environment: { COPY: '${env:COPY}', ROOT: '${env:ROOT}' },
    rehearsal: {
      setup: { command: 'echo "COPY=$SLUICE_REHEARSAL"; echo "ROOT=$SLUICE_WORKSPACE/.."' },
      teardown: { command: 'echo "$COPY" >> "$ROOT/closed"' },
    },
  });
  const rehearsal = box.start(['rehearse', 'slow/migration-strategy.yaml']);
  await expect.poll(() => box.ledger('begun'), { timeout: 60_000 }).toHaveLength(1);
  rehearsal.interrupt();
  await rehearsal.until(/Ctrl-C again/);
  rehearsal.interrupt();
  expect(await rehearsal.ended()).toMatchObject({ code: 130 });
  const [copy = ''] = box.ledger('begun');
  await expect.poll(() => existsSync(dirname(copy)), { timeout: 60_000 }).toBe(false);
  expect(box.ledger('closed')).toContain(copy);
});

describe('sluice rehearse refuses', () => {
  const connected = (rehearsal: object) => {
    box.write(
      'db/migration-strategy.yaml',
      strategy([phase('P1', 1, [step('S1', 1, { commands: ['sql: select 1'] })])]),
    );
    box.write('db/migration-bindings.yaml', {
      connections: { shop: { postgres: '${env:SHOP_DB}' } },
      rehearsal,
    });
    return box.sluice(['rehearse', 'db/migration-strategy.yaml'], { SHOP_DB: 'postgres://127.0.0.1:1/real' });
  };

  test('a strategy with a connection and no setup', async () => {
    const { code, stderr } = await connected({});
    expect(stderr).toMatch(/the connection "shop".*no rehearsal\.setup/);
    expect(code).toBe(1);
  });

  test('a setup that does not replace the connection', async () => {
    const { code, stderr } = await connected({ setup: { command: 'echo OTHER=1' } });
    expect(stderr).toMatch(/printed no value for SHOP_DB/);
    expect(code).toBe(1);
  });
});
