/** An engine, its workers and clients, and runs to measure on them. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { connect } from '../client/connect.js';
import { readStrategy } from '../client/read.js';
import type { Sluice } from '../client/sluice.js';
import type { Plan } from '../strategy/plan.js';
import { formatProblem } from '../strategy/problem.js';
import type { RunResult } from '../strategy/run/messages.js';
import type { SequenceInput } from './bare/contract.js';
import { startEngine } from './engine.js';
import { BINDINGS } from './strategies.js';
import { type BenchWorkers, startWorkers } from './workers.js';

export class World {
  private constructor(
    readonly client: Client,
    readonly sluice: Sluice,
    readonly workers: BenchWorkers,
    private readonly end: () => Promise<void>,
  ) {}

  /** `real`: commands are run; otherwise no action does anything. */
  static async open(kind: 'tuned' | 'shipped' = 'tuned', real = false): Promise<World> {
    const engine = await startEngine(kind);
    const { address, home } = engine;
    const workers = await startWorkers(address, home, real);
    const connection = await Connection.connect({ address });
    const sluice = await connect({ address, home, taskQueue: workers.sluice, env: {} });
    return new World(new Client({ connection }), sluice, workers, async () => {
      await sluice.close();
      await connection.close();
      await workers.stop();
      await engine.stop();
    });
  }

  /** Submits the plan under an id of its own. */
  async submit(plan: Plan): Promise<string> {
    const { run } = await this.sluice.submit(plan, {
      workspace: tmpdir(),
      by: 'bench',
      id: `bench-${randomUUID()}`,
    });
    return run;
  }

  /** Carries the plan out and answers with the milliseconds from submitting it to its result. */
  async carryOut(plan: Plan): Promise<number> {
    const begin = performance.now();
    const run = await this.submit(plan);
    const { view }: RunResult = await this.client.workflow.getHandle(run).result();
    const took = performance.now() - begin;
    if (view.status !== 'completed') throw new Error(`The run ended ${view.status}: ${view.reason}`);
    return took;
  }

  /** The same for the bare workflow, with its activities on its own queue or on another. */
  async carryOutBare(steps: number, queue: 'own' | 'other', command: string | null = null): Promise<number> {
    const begin = performance.now();
    const handle = await this.startBare('sequence', steps, queue, command);
    await handle.result();
    return performance.now() - begin;
  }

  startBare(
    workflow: 'sequence' | 'gates',
    steps: number,
    queue: 'own' | 'other',
    command: string | null = null,
  ) {
    const input: SequenceInput = {
      steps,
      command,
      taskQueue: queue === 'own' ? null : this.workers.bareHost,
    };
    return this.client.workflow.start(workflow, {
      workflowId: `bare-${randomUUID()}`,
      taskQueue: this.workers.bare,
      args: [input],
    });
  }

  async close(): Promise<void> {
    await this.end();
  }
}

/** Checks and compiles a strategy exactly as a user's file. */
export async function planOf(strategy: object): Promise<Plan> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-strategy-'));
  try {
    writeFileSync(join(folder, 'migration-strategy.yaml'), JSON.stringify(strategy));
    writeFileSync(join(folder, 'migration-bindings.yaml'), JSON.stringify(BINDINGS));
    const { plan, problems } = await readStrategy(join(folder, 'migration-strategy.yaml'));
    if (plan === null) throw new Error(problems.map(formatProblem).join('\n'));
    return plan;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
