/** Compares both sides while clients write: what a change that is noted explains is no difference. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import type { SyncAction } from '../../../strategy/plan.js';
import { changedAmong, duringSpan, snapshotNow } from './changes.js';
import { heldKeys } from './conflicts.js';
import type { Flow, Flows } from './flow.js';
import type { Key } from './keys.js';
import { differentPages, leftPages } from './pages.js';
import { holdSync } from './state.js';

/** How often, in milliseconds. */
export const COMPARED_EVERY_MS = 900_000;

/** Keys that a cause names. */
const NAMED = 5;

/** Between two rounds. Why the rounds fail; null when nothing differs that they would not bring over. */
export async function unexplained(flows: Flows, action: SyncAction): Promise<string | null> {
  const { forward, back } = flows;
  const rest: Key[] = [];
  for await (const page of differentPages(forward, action, action.batchSize)) {
    const known = new Set<string>(await changedSince(forward, page));
    if (action.conflicts !== null) {
      for (const key of await changedSince(back, page)) known.add(key);
      for (const key of await heldKeys(forward)) known.add(key);
    }
    rest.push(...page.filter((key) => !known.has(JSON.stringify(key))));
  }
  if (rest.length === 0) return null;
  const keys = rest.slice(0, NAMED).map((key) => JSON.stringify(key));
  return `${rest.length} rows of ${tableText(action.source)} and ${tableText(action.target)} differ, and no change that is noted explains it: ${keys.join(', ')}${rest.length > NAMED ? ', ...' : ''}. Somebody has written to the target, or around the triggers. Correct these rows, and retry.`;
}

/** The keys, as JSON, that the next round brings over. */
async function changedSince(flow: Flow, page: readonly Key[]): Promise<readonly string[]> {
  const { id, from, to } = flow;
  const since = (await holdSync(to.session, id, to.role))?.mark ?? null;
  const span = duringSpan({ since, upTo: await snapshotNow(from.session) });
  const changed = [...(await changedAmong(from.session, from.changes, span, page))];
  for await (const left of leftPages(flow, page.length))
    changed.push(...left.map((key) => JSON.stringify(key)));
  return changed;
}
