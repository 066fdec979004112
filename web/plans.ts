/** The plans of runs, as far as their pages show what will be executed. A plan never changes: its hash names it. */
import { SluiceError } from '../client/error.js';
import type { Sluice } from '../client/sluice.js';
import type { Plan } from '../strategy/plan.js';
import type { MigrationView } from '../strategy/run/view.js';

/** Kept at once; a plan has at most 1 MiB here. */
const MOST = 16;

export class Plans {
  readonly #client: Pick<Sluice, 'plan'>;
  readonly #kept = new Map<string, Plan>();

  constructor(client: Pick<Sluice, 'plan'>) {
    this.#client = client;
  }

  /** Null for a plan above 1 MiB, which travels by reference, and while no worker answers. */
  async of({ run, strategy }: Pick<MigrationView, 'run' | 'strategy'>): Promise<Plan | null> {
    const kept = this.#kept.get(strategy.hash);
    if (kept !== undefined) return kept;
    const plan = await this.#ask(run);
    if (plan === null || plan.hash !== strategy.hash) return null;
    this.#kept.set(plan.hash, plan);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
    return plan;
  }

  async #ask(run: string): Promise<Plan | null> {
    try {
      return await this.#client.plan(run);
    } catch (error) {
      if (error instanceof SluiceError) return null;
      throw error;
    }
  }
}
