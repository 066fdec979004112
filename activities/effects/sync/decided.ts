/**
 * Carries out what people have decided about conflicts, one row per transaction, by compare-and-set: a row that either side has changed
 * since it was shown is left alone, and asked about again. A repeat after a kill finds rows that agree, and closes the conflict.
 */
import { serverMessage } from '../../sql/failure.js';
import type { Session } from '../../sql/session.js';
import { apply, isRefusal } from './apply.js';
import { snapshotNow } from './changes.js';
import { askAgain, type Conflict, closeConflict, conflictsWhere } from './conflicts.js';
import type { Flows } from './flow.js';
import { type Images, imagesHeld, imagesNow } from './images.js';

const CHANGED = 'one of its rows was changed after it was shown';

/** Throws what the databases answer, and `Ended`. */
export async function applyDecided(flows: Flows, lockTimeoutMs: number): Promise<void> {
  const { session } = flows.forward.to;
  for (const conflict of await conflictsWhere(flows.forward, 'chosen is not null')) {
    const now = (await imagesNow(flows.forward, [conflict.key]))(conflict.key);
    if (now.source === now.target) await closeConflict(session, conflict);
    else if (!isAsShown(conflict, now)) await askAgain(session, conflict, CHANGED);
    else await applyOne(flows, conflict, lockTimeoutMs);
  }
}

async function applyOne({ forward, back }: Flows, conflict: Conflict, lockTimeoutMs: number): Promise<void> {
  const flow = conflict.chosen === 'source' ? forward : back;
  const { session } = forward.to;
  const only = async (): Promise<boolean> =>
    isAsShown(conflict, (await imagesHeld(forward, [conflict.key]))(conflict.key));
  const settled = { applied: false };
  const applying = {
    lockTimeoutMs,
    seen: await snapshotNow(flow.to.session),
    only,
    note: async (own: Session, putOff: number) => {
      settled.applied = putOff === 0;
      if (own !== session) return;
      if (settled.applied) await closeConflict(own, conflict);
      else await askAgain(own, conflict, CHANGED);
    },
  };
  try {
    await apply(flow, [conflict.key], applying);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return askAgain(session, conflict, `${flow.to.table.name} refuses it: ${serverMessage(error)}`);
  }
  // The source has it now; a kill before this note leaves rows that agree.
  if (flow === forward) return;
  if (settled.applied) await closeConflict(session, conflict);
  else await askAgain(session, conflict, CHANGED);
}

function isAsShown(shown: Images, now: Images): boolean {
  return shown.source === now.source && shown.target === now.target;
}
