/**
 * A world for integration tests: a real engine, a worker of its own with its own home, and runs of small strategies whose
 * commands write one line each into a ledger. Nothing in it is faked.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../../client/connect.js';
import { readStrategy } from '../../client/read.js';
import type { Sluice } from '../../client/sluice.js';
import { formatProblem } from '../../strategy/problem.js';
import type { RunEvent } from '../../strategy/run/event.js';
import type { Command } from '../../strategy/run/messages.js';
import type { Published } from '../../strategy/run/published.js';
import { ENDED, isOver, type MigrationView, type OnFailure } from '../../strategy/run/view.js';
import { type RunningWorker, startWorker } from '../../worker/worker.js';
import { patiently } from './patience.js';
import { endSupervisor } from './supervisors.js';

/** How long a test waits for something that should happen before it says what it saw instead. */
const PATIENCE_MS = 180_000;
/** Between two looks. */
const SHORTEST_MS = 50;
const LONGEST_MS = 200;
const SLOWER = 1.2;
/** Between two looks into a run that publishes nothing of interest. */
const VIEW_MS = 3_000;

export interface World {
  readonly home: string;
  readonly sluice: Sluice;
  readonly taskQueue: string;
  /** Submits a strategy and answers with a handle. */
  start(strategy: object, options?: StartOptions): Promise<TestRun>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface StartOptions {
  readonly bindings?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly onFailure?: OnFailure;
  readonly compress?: number;
  readonly by?: string;
  readonly id?: string;
}

/** With the task queue of another world it is a second host beside that one. */
export async function openWorld(
  address: string,
  options: { readonly worker?: boolean; readonly taskQueue?: string } = {},
): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-world-'));
  const { taskQueue = `test-${randomUUID()}` } = options;
  const sluice = await connect({ address, home, taskQueue, env: {} });
  let worker: RunningWorker | null = null;
  const world: World = {
    home,
    sluice,
    taskQueue,
    async start(strategy, given = {}) {
      return startRun(sluice, strategy, given);
    },
    async startWorker() {
      worker = await startWorker({
        home,
        env: process.env,
        log: () => {},
        connection: { address },
        namespace: 'default',
        taskQueue,
      });
    },
    async stopWorker() {
      await worker?.shutdown();
      worker = null;
    },
    async close() {
      await worker?.shutdown();
      await sluice.close();
      await endSupervisor(home);
      rmSync(home, { recursive: true, force: true });
    },
  };
  if (options.worker !== false) await world.startWorker();
  return world;
}

async function startRun(sluice: Sluice, strategy: object, options: StartOptions): Promise<TestRun> {
  const workspace = mkdtempSync(join(tmpdir(), 'sluice-workspace-'));
  const ledger = join(workspace, 'ledger');
  const bindings = { environment: { LEDGER: ledger }, ...options.bindings };
  write(workspace, 'migration-strategy.yaml', JSON.stringify(strategy));
  write(workspace, 'migration-bindings.yaml', JSON.stringify(bindings));
  for (const [name, text] of Object.entries(options.files ?? {})) {
    write(workspace, name, text);
    if (text.startsWith('#!')) chmodSync(join(workspace, name), 0o755);
  }
  const checked = await readStrategy(join(workspace, 'migration-strategy.yaml'));
  if (checked.plan === null) throw new Error(checked.problems.map(formatProblem).join('\n'));
  const { run } = await sluice.submit(checked.plan, {
    workspace,
    by: options.by ?? 'tester',
    id: options.id ?? `run-${randomUUID()}`,
    onFailure: options.onFailure ?? 'strategy',
    compress: options.compress ?? 1,
  });
  return new TestRun(sluice, run, workspace, ledger);
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

export class TestRun {
  constructor(
    readonly sluice: Sluice,
    readonly id: string,
    readonly workspace: string,
    private readonly ledgerFile: string,
  ) {}

  /** What the commands wrote, in order. */
  ledger(): string[] {
    if (!existsSync(this.ledgerFile)) return [];
    return readFileSync(this.ledgerFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  view(): Promise<MigrationView> {
    return patiently(() => this.sluice.view(this.id));
  }

  events(): Promise<readonly RunEvent[]> {
    return patiently(() => this.sluice.events(this.id));
  }

  /** Waits until the view is as wanted; says what it was when it never is. `mayBe`: false of what is published before that. */
  until(
    what: string,
    wanted: (view: MigrationView) => boolean,
    mayBe: (published: Published) => boolean = () => true,
  ): Promise<MigrationView> {
    return this.look(mayBe, wanted, (view, isLate) =>
      isLate || isOver(view) ? `Never saw: ${what}.` : null,
    );
  }

  /**
   * Looks at what the run publishes, and into it when that `mayBe` it, and now and then: that costs its worker a workflow task.
   * `hopeless`: what to say when it will not be seen any more.
   */
  private async look(
    mayBe: (published: Published) => boolean,
    wanted: (view: MigrationView) => boolean,
    hopeless: (view: MigrationView, isLate: boolean) => string | null,
  ): Promise<MigrationView> {
    const deadline = Date.now() + PATIENCE_MS;
    let viewedAt = Date.now();
    for (let waitMs = SHORTEST_MS; ; waitMs = Math.min(waitMs * SLOWER, LONGEST_MS)) {
      const published = await patiently(() => this.sluice.published(this.id));
      if (Date.now() - viewedAt > VIEW_MS || (published !== null && mayBe(published))) {
        const view = await this.view();
        if (wanted(view)) return view;
        const why = hopeless(view, Date.now() > deadline);
        if (why !== null) {
          const told = (await this.events()).map((event) => JSON.stringify(event)).join('\n');
          throw new Error(`${why} It is ${view.status}: ${view.reason}\n${told}`);
        }
        viewedAt = Date.now();
      }
      await pause(waitMs);
    }
  }

  /** Waits for a decision to be open. */
  async asked(id: string): Promise<MigrationView> {
    const isOpen = ({ decisions }: Pick<Published, 'decisions'>) =>
      decisions.some((decision) => decision.id === id);
    return this.until(`decision ${id}`, isOpen, (published) => isOpen(published) || isOver(published));
  }

  /** Waits for a decision and answers it. */
  async answer(id: string, option: string, by = 'tester', reason?: string): Promise<void> {
    await this.asked(id);
    await patiently((updateId) =>
      this.sluice.decide(this.id, { decision: id, option, by, reason }, { updateId }),
    );
  }

  command(command: Command): Promise<void> {
    return patiently((updateId) => this.sluice.command(this.id, command, { updateId }));
  }

  async step(id: string): Promise<MigrationView['phases'][number]['steps'][number]> {
    const step = (await this.view()).phases.flatMap(({ steps }) => steps).find((found) => found.id === id);
    if (step === undefined) throw new Error(`No step ${id}.`);
    return step;
  }

  /** Waits until the run has ended and answers with its last view. */
  end(): Promise<MigrationView> {
    const hasEnded = ({ status }: Pick<MigrationView, 'status'>) => ENDED.includes(status);
    return this.look(hasEnded, hasEnded, (_view, isLate) => (isLate ? 'The run did not end.' : null));
  }
}
