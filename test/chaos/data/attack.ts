/** Whatever can be killed, and when: workers at chosen points or at any moment, both servers, and the network between all of them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { EffectJob, EffectOutcome } from '../../../activities/contract.js';
import type { FaultPoint } from '../../../activities/fault-points.js';
import type { Random } from '../random.js';
import type { Bed, Server, Side, Worker } from './bed.js';

export type Target = 'worker' | 'source server' | 'target server' | 'source network' | 'target network';

/** One kill that has happened. */
export interface Kill {
  readonly method: string;
  /** What was going on, such as "cut-over". */
  readonly state: string;
  readonly target: Target;
}

type Strike = { readonly target: Target; readonly point: FaultPoint | null };

/** Kills per worker's part of a method, at most: then it comes to its end. */
const MOST_PER_STATE = 3;

/** The attacks on one round of a method. */
export class Attack {
  #deck: Strike[] = [];

  constructor(
    readonly bed: Bed,
    readonly random: Random,
    readonly method: string,
    /** The servers that take part. */
    readonly sides: readonly Side[],
    readonly kills: Kill[],
    /** Of the whole series. */
    readonly most: number,
  ) {}

  /** One worker after another, as the engine would, until one comes to an end. */
  async worker(state: string, job: EffectJob, points: readonly FaultPoint[]): Promise<EffectOutcome> {
    let left = Math.ceil(this.random.between(0, MOST_PER_STATE));
    for (let number = 1; ; number += 1) {
      const strike = left > 0 ? this.#draw(points) : null;
      if (strike !== null) left -= 1;
      if (strike?.point != null) this.bed.strikeAt(strike.point);
      const worker = this.bed.worker(job, number);
      const struck = this.#strikeLater(state, strike, worker);
      const outcome = await worker.outcome;
      if (this.bed.clearPoints()) this.#count(state, 'worker');
      await struck;
      if (outcome !== null) return outcome;
    }
  }

  /** A worker that begins, and is killed after so many milliseconds unless it is done. No other one follows. */
  async killed(state: string, job: EffectJob, afterMs: number): Promise<void> {
    const worker = this.bed.worker(job, 1);
    await Promise.race([worker.outcome, pause(afterMs)]);
    worker.kill();
    if ((await worker.outcome) === null && this.kills.length < this.most) this.#count(state, 'worker');
  }

  /** While no worker is at it: the servers and the network only. */
  async idle(state: string): Promise<void> {
    const strike = this.#draw([]);
    await pause(this.random.between(50, 400));
    if (strike !== null && strike.target !== 'worker') await this.#hit(state, strike.target);
  }

  async #strikeLater(state: string, strike: Strike | null, worker: Worker): Promise<void> {
    if (strike === null || strike.point !== null) return;
    const alive = { yes: true };
    const over = worker.outcome.then(() => {
      alive.yes = false;
    });
    // A worker takes about 0.3 s to begin.
    await Promise.race([over, pause(this.random.between(250, 1_100))]);
    if (!alive.yes) return;
    if (strike.target !== 'worker') return this.#hit(state, strike.target);
    worker.kill();
    this.#count(state, 'worker');
  }

  async #hit(state: string, target: Exclude<Target, 'worker'>): Promise<void> {
    const { here, there } = this.bed.servers;
    const server = target.startsWith('source') ? here : there;
    this.#count(state, target);
    if (target.endsWith('server')) await crash(server, this.random);
    else await cut(server, this.random);
  }

  #count(state: string, target: Target): void {
    this.kills.push({ method: this.method, state, target });
  }

  /** Null when the series has had its kills. */
  #draw(points: readonly FaultPoint[]): Strike | null {
    if (this.kills.length >= this.most) return null;
    const pick = this.random.pick(points) ?? null;
    if (this.#deck.length === 0) {
      const strikes: Strike[] = this.sides.flatMap((side): Strike[] => {
        const name = side === 'here' ? 'source' : 'target';
        return [
          { target: `${name} server`, point: null },
          { target: `${name} network`, point: null },
        ];
      });
      this.#deck = this.random.shuffled(strikes);
    }
    const atPoint = pick !== null && this.random.chance(0.4);
    if (atPoint) return { target: 'worker', point: pick };
    if (pick !== null && this.random.chance(0.2)) return { target: 'worker', point: null };
    return this.#deck.pop() ?? null;
  }
}

async function crash({ postgres }: Server, random: Random): Promise<void> {
  await postgres.crash();
  await pause(random.between(0, 300));
  await postgres.start();
}

async function cut({ wire }: Server, random: Random): Promise<void> {
  wire.cut(random.chance(0.7));
  await pause(random.between(20, 400));
  wire.restore();
}

/** How a part ended, in words. */
export function told(outcome: EffectOutcome): string {
  return outcome.outcome === 'done' ? outcome.output.trim() : `${outcome.outcome}: ${outcome.cause}`;
}
