/**
 * Runs that began under an earlier build go on under this one: every committed history is replayed against today's bundle.
 * `npm run histories` records today's; a history is never changed once a version with it is released.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import { BUNDLE } from '../../worker/bundle.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type TestRun, type World } from '../support/world.js';

const FOLDER = fileURLToPath(new URL('../histories/', import.meta.url));
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
if (!process.env.SLUICE_RECORD_HISTORIES) Runtime.install({ logger: new DefaultLogger('ERROR') });
const workflowBundle = { code: readFileSync(BUNDLE, 'utf8') };

function replay(history: unknown): Promise<void> {
  return Worker.runReplayHistory({ workflowBundle }, history);
}

describe('a run of an earlier build', () => {
  it('has left histories here', () => {
    expect(names.length).toBeGreaterThan(5);
  });

  it.each(names)('continues under this one: %s', async (name) => {
    await replay(JSON.parse(readFileSync(`${FOLDER}${name}`, 'utf8')));
  });

  it.each(names)('does as it did, whatever the engine suggests when it is replayed: %s', async (name) => {
    // A worker may have gone on before the task with the suggestion began; the history then tells of one that it never saw.
    const text = readFileSync(`${FOLDER}${name}`, 'utf8');
    const changed = text.replaceAll(
      '"workflowTaskStartedEventAttributes": {',
      '"workflowTaskStartedEventAttributes": { "suggestContinueAsNew": true,',
    );
    expect(changed).not.toBe(text);
    await replay(JSON.parse(changed));
  });

  it('is refused when its history does not fit this build', async () => {
    const text = readFileSync(`${FOLDER}${names.find((name) => name.includes('completed'))}`, 'utf8');
    const changed = text.replaceAll('"name": "runEffect"', '"name": "runSomethingElse"');
    expect(changed).not.toBe(text);
    await expect(replay(JSON.parse(changed))).rejects.toThrow(/[Nn]ondeterminism/);
  });
});

const asking = gate('G', {
  failure_response: 'manual_decision',
  approval_required: true,
  approvers: ['Lead'],
});
const failing = { commands: ['exit 1'] };
const watched = { monitoring: { alert_conditions: ['load > 1000'] } };

/** One run for each way through the workflow. */
const SCENARIOS: Readonly<Record<string, (world: World) => Promise<TestRun>>> = {
  completed: async (world) => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('B', 2, { more: { 'x-soak': '10s' } })], asking)]),
      { compress: 100 },
    );
    await run.answer('approval:G', 'approve', 'Lead');
    return run;
  },
  watched: (world) =>
    world.start(strategy([phase('P', 1, [step('A', 1, { more: { ...watched, 'x-soak': '2s' } })])]), {
      bindings: { metrics: { load: { command: 'echo 1' } } },
    }),
  gated: async (world) => {
    const criteria = [{ criterion: '$ true' }];
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('B', 2)], asking)], {
        validation_strategy: {
          validation_gates: [
            { gate_id: 'V-1', name: 'Between', location: 'After A', type: 'automated', criteria },
            { gate_id: 'V-2', name: 'Last', location: 'After B', type: 'hybrid', criteria },
          ],
        },
      }),
    );
    await run.answer('approval:V-2', 'approve', 'Lead');
    await run.answer('approval:G', 'approve', 'Lead');
    return run;
  },
  'rolled-back': (world) =>
    world.start(
      strategy([phase('P', 1, [step('A', 1)]), phase('Q', 2, [step('B', 1), step('X', 2, failing)])]),
      {
        onFailure: 'full',
      },
    ),
  'failure-skipped': async (world) => {
    const run = await world.start(strategy([phase('P', 1, [step('X', 1, failing)], asking)]));
    await run.answer('failure:X', 'retry');
    await run.answer('failure:X#2', 'skip', 'tester', 'known');
    await run.answer('approval:G', 'approve', 'Lead');
    return run;
  },
  'undo-failed': async (world) => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1, { undo: ['exit 1'] }), step('X', 2, failing)])]),
    );
    await run.answer('undo-failure:A', 'retry');
    await run.answer('undo-failure:A#2', 'done', 'tester', 'by hand');
    return run;
  },
  'returned-and-confirmed': async (world) => {
    const open = { validation: { validation_checks: ['It looks good'] } };
    const run = await world.start(
      strategy(
        [
          phase('P', 1, [
            step('A', 1, { more: open }),
            step('X', 2, { commands: ['test -e on || { touch on; exit 1; }'] }),
          ]),
        ],
        {
          rollback_strategy: { rollback_levels: [{ level: 'step' }] },
        },
      ),
    );
    await run.answer('confirm:A', 'confirm');
    await run.answer('after-rollback:A', 'retry');
    return run;
  },
  ordered: async (world) => {
    const run = await world.start(
      strategy([phase('P', 1, [step('A', 1), step('W', 2, { commands: ['sleep 60'] })])]),
    );
    await run.until('W at work', ({ applied }) => applied.includes('W'));
    await run.command({ command: 'pause', by: 'tester' });
    await run.command({ command: 'resume', by: 'tester' });
    await run.command({ command: 'rollback', by: 'tester', to: 'start' });
    return run;
  },
};

describe.runIf(process.env.SLUICE_RECORD_HISTORIES)('recording', () => {
  it.each(Object.entries(SCENARIOS))('%s', async (name, scenario) => {
    const address = inject('engine');
    const world = await openWorld(address);
    const connection = await Connection.connect({ address });
    try {
      const run = await scenario(world);
      await run.end();
      const handle = new Client({ connection }).workflow.getHandle(run.id);
      await handle.result();
      const { version }: { version: string } = JSON.parse(
        readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
      );
      const json = historyToJSON(await handle.fetchHistory()).replaceAll(
        /"identity": "[^"]*"/g,
        '"identity": "worker"',
      );
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(`${FOLDER}${version}-${name}.json`, `${json}\n`);
    } finally {
      await world.close();
      await connection.close();
    }
  });
});
