import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyRecord } from '../../client/index.js';
import { recordFile } from '../../strategy/layout.js';
import { BUNDLE } from '../../worker/bundle.js';
import { freePort } from '../support/port.js';
import { Receiver } from '../support/receiver.js';
import { gate, phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

/** An engine that asks for a new history after this many events, so that a small run is cut several times. */
const SUGGEST_AFTER = 40;

let world: World | undefined;
let stopEngine: () => Promise<void> = async () => {};
let client: Client;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cut-'));
  const { server, address, connection } = await startEngine(join(folder, 'engine.db'));
  client = new Client({ connection });
  world = await openWorld(address);
  stopEngine = async () => {
    await connection.close();
    const gone = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
});

interface Engine {
  readonly server: ChildProcess;
  readonly address: string;
  readonly connection: Connection;
}

/** Begins anew when the server exits: it chooses ports of its own besides, which another may take before it listens. */
async function startEngine(database: string): Promise<Engine> {
  for (let tries = 0; tries < 5; tries += 1) {
    const [port, ui] = await Promise.all([freePort(), freePort()]);
    const server = spawn(
      process.env.SLUICE_TEMPORAL_BIN ?? 'temporal',
      [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${ui}`],
        ...['--log-level', 'error', '--db-filename', database],
        ...['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${SUGGEST_AFTER}`],
        ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=5000'],
        ...['--dynamic-config-value', 'history.transferProcessorMaxPollHostRPS=50000'],
      ],
      { stdio: 'ignore' },
    );
    const address = `127.0.0.1:${port}`;
    const connection = await connectWhenUp(server, address);
    if (connection !== null) return { server, address, connection };
  }
  throw new Error('The engine exited five times in a row.');
}

afterAll(async () => {
  await world?.close();
  await stopEngine();
});

function begun(): World {
  if (world === undefined) throw new Error('The world did not open.');
  return world;
}

/** Null when the server has exited. */
async function connectWhenUp(server: ChildProcess, address: string): Promise<Connection | null> {
  const deadline = Date.now() + 180_000;
  for (;;) {
    try {
      return await Connection.connect({ address, connectTimeout: 5000 });
    } catch (error) {
      if (server.exitCode !== null || server.signalCode !== null) return null;
      if (Date.now() > deadline) throw error;
    }
  }
}

async function temporalRuns(id: string): Promise<number> {
  let count = 0;
  for await (const _ of client.workflow.list({ query: `WorkflowId = '${id}'` })) count += 1;
  return count;
}

/** The sequence numbers in a record file, in its order. */
function recorded(file: string): number[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).seq);
}

const many = Array.from({ length: 30 }, (_, index) => step(`S${index + 1}`, index + 1));
const doing = many.map((_, index) => `do S${index + 1}`);

it('a long run continues in new histories with nothing lost, nothing done twice, and its whole record at hand', async () => {
  const run = await begun().start(
    strategy([
      phase('P', 1, many, gate('G', { approval_required: true, approvers: ['Lead'] })),
      phase('Q', 2, [step('LAST', 1)]),
    ]),
  );
  await run.answer('approval:G', 'approve', 'Lead');
  const view = await run.end();
  expect(view).toMatchObject({ status: 'completed' });
  expect(view.applied).toHaveLength(31);
  expect(run.ledger()).toEqual([...doing, 'do LAST']);
  expect(await temporalRuns(run.id)).toBeGreaterThan(2);
  const events = await run.events();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  expect(events.filter(({ type }) => type === 'continued').length).toBeGreaterThan(1);
});

it('a watch keeps its count over cut histories: an alert that goes on firing is told once', async () => {
  const monitored = {
    monitoring_and_observability: {
      migration_monitoring: [{ metric_name: 'errors', alert_threshold: '> 5', critical_threshold: '> 50' }],
    },
  };
  const run = await begun().start(strategy([phase('P', 1, many.slice(0, 12))], monitored), {
    bindings: { metrics: { errors: { command: 'echo 10' } }, watch: { interval: '200ms', failureLimit: 1 } },
  });
  expect(await run.end()).toMatchObject({ status: 'completed' });
  const events = await run.events();
  expect(events.filter(({ type }) => type === 'continued').length).toBeGreaterThan(1);
  expect(events.filter(({ type }) => type === 'alert')).toMatchObject([{ step: 'S1' }]);
});

it('what comes after the completion keeps its times and what people answered over cut histories', async () => {
  const receiver = new Receiver();
  const webhook = await receiver.open();
  const cleanup = Array.from({ length: 8 }, (_, index) => ({
    task_id: `C-${index}`,
    name: 'Clean',
    timing: `${4 + Math.floor(index / 2)} days after completion`,
    steps: [`$ echo clean ${index} >> $LEDGER`],
  }));
  const notifications = [
    { notification_type: 'post_migration', timing: '9 days after completion', channel: ['#shop'] },
  ];
  const run = await begun().start(
    strategy([phase('P', 1, [step('A', 1)])], {
      rollback_strategy: {
        rollback_levels: [{ level: 'full', description: 'All', trigger_conditions: ['It burns'] }],
      },
      communication_plan: {
        stakeholder_communication: [{ stakeholder_group: 'management', notifications }],
      },
      post_migration: {
        cleanup_tasks: cleanup,
        monitoring_period: { duration: '300 days', alert_sensitivity: 'high' },
      },
    }),
    {
      // A day takes half a second.
      compress: 172_800,
      bindings: {
        channels: { '#shop': { webhook } },
        checks: { 'It burns': { command: 'test -e fire' } },
        watch: { interval: '6 hours', failureLimit: 1_000 },
      },
    },
  );
  await run.until('it is watched', ({ afterwards }) => afterwards?.status === 'open');
  writeFileSync(join(run.workspace, 'fire'), '');
  await run.answer('failure:monitoring-period', 'retry');
  await expect.poll(() => receiver.received.length, { timeout: 60_000 }).toBe(1);
  await receiver.close();
  const title = 'Test migration: the migration is completed';
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ data: { title } });
  await run.until('it is watched again', ({ afterwards }) =>
    (afterwards?.followUps ?? []).every(
      ({ id, status }) => id === 'monitoring-period' || status === 'completed',
    ),
  );
  // Where all tasks were under way at once, the history is cut after the last of them.
  await expect
    .poll(async () => (await run.events()).filter(({ type }) => type === 'continued').length)
    .toBeGreaterThan(0);
  const events = await run.events();
  const opened = events.flatMap((event) => (event.type === 'decision-opened' ? [event.decision.id] : []));
  expect(opened).toEqual(['failure:monitoring-period']);
  expect(run.ledger().toSorted()).toEqual([...cleanup.map((_, index) => `clean ${index}`), 'do A']);
  await run.command({ command: 'abort', by: 'tester' });
});

it('a history that was cut says so itself: a replay cuts it in the same place, whatever the engine suggests', async () => {
  const run = await begun().start(strategy([phase('P', 1, many)]));
  await run.end();
  const workflowBundle = { code: readFileSync(BUNDLE, 'utf8') };
  let replayed = 0;
  for await (const { runId, status } of client.workflow.list({ query: `WorkflowId = '${run.id}'` })) {
    if (status.name !== 'CONTINUED_AS_NEW') continue;
    const history = historyToJSON(await client.workflow.getHandle(run.id, runId).fetchHistory());
    const without = history.replaceAll('"suggestContinueAsNew": true', '"suggestContinueAsNew": false');
    expect(without).not.toBe(history);
    await Worker.runReplayHistory({ workflowBundle }, JSON.parse(without));
    replayed += 1;
  }
  expect(replayed).toBeGreaterThan(0);
});

it('a rollback is cut as well, and undoes every step once, last first', async () => {
  const run = await begun().start(
    strategy([phase('P', 1, [...many, step('X', 99, { commands: ['exit 1'], undo: ['true'] })])]),
  );
  expect(await run.end()).toMatchObject({ status: 'rolled_back', landing: 'start', applied: [] });
  const undoing = many.map((_, index) => `undo S${many.length - index}`);
  expect(run.ledger()).toEqual([...doing, ...undoing]);
});

it('a history is not cut while the record cannot be written, so that no event is lost', async () => {
  const { home } = begun();
  const id = 'no-room';
  const file = recordFile(home, id);
  // A folder in its place keeps the record from being written, also by root, until a step is told to take it away.
  mkdirSync(file, { recursive: true });
  const told = join(home, 'told');
  const command = `until [ -e "${told}" ]; do sleep 0.05; done; rmdir "${file}"; echo do S8 >> $LEDGER`;
  const freed = step('S8', 8, { commands: [command] });
  const steps = many.map((other, index) => (index === 7 ? freed : other));
  const run = await begun().start(strategy([phase('P', 1, steps)]), { id });
  await run.until('more steps than a history has room for', ({ applied }) => applied.includes('S7'));
  expect(await temporalRuns(run.id)).toBe(1);
  writeFileSync(told, '');
  expect(await run.end()).toMatchObject({ status: 'completed' });
  expect(await temporalRuns(run.id)).toBeGreaterThan(1);
  const { seq: total } = await run.view();
  // The last events are written after the run has told its end.
  await expect.poll(() => recorded(file).length).toBe(total);
  expect(recorded(file)).toEqual(Array.from({ length: total }, (_, seq) => seq));
  // Its chain goes on over every Temporal run.
  await expect.poll(() => verifyRecord(file, { home })).toMatchObject({ ok: true, events: total });
});

it('what is said while the record is being written is in it as well', async () => {
  const { home } = begun();
  const id = 'said-meanwhile';
  const file = recordFile(home, id);
  mkdirSync(file, { recursive: true });
  const run = await begun().start(strategy([phase('P', 1, many)]), { id });
  const handle = client.workflow.getHandle(id);
  const writing = async (): Promise<boolean> =>
    ((await handle.describe()).raw.pendingActivities ?? []).some(
      ({ activityType, attempt }) => activityType?.name === 'writeRecord' && (attempt ?? 0) > 1,
    );
  await expect.poll(writing, { interval: 20 }).toBe(true);
  await handle.signal('approve', { gate: 'NONE', by: 'somebody' });
  rmdirSync(file);
  await run.end();
  const { seq: total } = await run.view();
  await expect.poll(() => recorded(file).at(-1)).toBe(total - 1);
  expect(recorded(file)).toEqual(Array.from({ length: total }, (_, seq) => seq));
});
