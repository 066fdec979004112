/** With OpenTelemetry's variables set, one trace leads from whoever started a run to what its worker did. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { startTracing, type Tracing } from '../../cli/tracing.js';
import { connect } from '../../client/connect.js';
import type { Sluice } from '../../client/sluice.js';
import { fakeTerminal } from '../cli/fixtures.js';
import { Receiver } from '../support/receiver.js';
import { phase, step, strategy } from '../support/strategies.js';
import { openWorld, type World } from '../support/world.js';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

const receiver = new Receiver();
let tracing: Tracing;
let world: World;
let sluice: Sluice;
beforeAll(async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', await receiver.open());
  tracing = await startTracing(fakeTerminal({ env: { ...process.env } }).terminal);
  world = await openWorld(inject('engine'));
  const { home, taskQueue } = world;
  sluice = await connect({ address: inject('engine'), home, taskQueue, env: process.env });
});
afterAll(async () => {
  await sluice.close();
  await world.close();
  await receiver.close();
  vi.unstubAllEnvs();
});

const spans = (): readonly Span[] =>
  receiver.received.flatMap(({ body }) =>
    JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
      resource.scopeSpans.flatMap((scope) => scope.spans),
    ),
  );

it('the effects of a run belong to the trace of its submission, and no workflow makes spans', async () => {
  const sketched = await world.start(strategy([phase('P', 1, [step('A', 1)])]));
  await sketched.end();
  const plan = await world.sluice.plan(sketched.id);
  if (plan === null) throw new Error('The run has no plan.');
  const { run } = await sluice.submit(plan, { workspace: tmpdir(), by: 'tester', id: `t-${randomUUID()}` });
  await expect.poll(async () => (await sluice.view(run)).status).toBe('completed');
  await tracing.stop();

  expect(receiver.received[0]?.path).toBe('/v1/traces');
  expect(receiver.received[0]?.body).toContain('{"key":"service.name","value":{"stringValue":"sluice"}}');
  const started = spans().find(({ name }) => name === 'StartWorkflow:migration');
  const effects = spans().filter(
    ({ name, traceId }) => name === 'RunActivity:runEffect' && traceId === started?.traceId,
  );
  expect(effects).toHaveLength(1);
  expect(effects[0]?.parentSpanId).toBe(started?.spanId);
  expect(spans().filter(({ name }) => /^(RunWorkflow|HandleQuery|HandleUpdate)/.test(name))).toEqual([]);
});
