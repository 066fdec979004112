/** What each method that is attacked has in common. */
import type { Attack } from './attack.js';
import type { Side } from './bed.js';

export interface Method {
  readonly name: string;
  /** The servers that take part. */
  readonly sides: readonly Side[];
  /** One round, from empty databases on, under attack. What is wrong afterwards, in words; empty when nothing is. */
  readonly carryOut: (attack: Attack, run: string) => Promise<readonly string[]>;
}
