/** What a plan locks, as reviewers read it. */

import { oneLine } from '../kinds/text.js';
import type { Plan } from '../plan.js';

/** One line, or none without locks. */
export function describeLocks(locks: Plan['locks'] = []): readonly string[] {
  if (locks.length === 0) return [];
  return [`waits while another run holds a lock on ${locks.map((lock) => `"${oneLine(lock)}"`).join(', ')}`];
}
