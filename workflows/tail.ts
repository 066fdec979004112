/** The time after the completion, shared by everything that is still to come. */
import { condition } from '@temporalio/workflow';
import { bounded } from './limits.js';
import { isTimeToCut } from './record.js';
import type { Run } from './run.js';

/** What the parts of the tail share: whether the history is to be cut, which waits until none of them is at work. */
export class Tail {
  /** True once everything should come to rest, so that the history can be cut. */
  cutting = false;
  private busy = 0;

  constructor(private readonly run: Run) {}

  /** Called after what makes the history longer. */
  look(): void {
    if (this.busy === 0 && isTimeToCut(this.run)) this.cutting = true;
  }

  /** Waits for a time (ISO 8601). @returns false when the history is to be cut first */
  async until(time: string): Promise<boolean> {
    return !(await condition(() => this.cutting, msUntil(time)));
  }

  /** Does work that no cut may break off. */
  async working<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
      this.look();
    }
  }
}

/** Milliseconds, never none: whether a timer is set must not hang on the clock. */
export function msUntil(time: string): number {
  return bounded(Date.parse(time) - Date.now());
}
