/** A round in one direction: a mark first, then the rows that changed before it, then the mark in the transaction of the last ones. */
import type { SyncAction } from '../../../strategy/plan.js';
import { interruption } from '../../attempt.js';
import type { Session } from '../../sql/session.js';
import { markNow } from '../rows/changed-since.js';
import { type Applied, apply } from './apply.js';
import { forgetChanges, snapshotNow, wasTruncated } from './changes.js';
import type { Flow } from './flow.js';
import { differentPages, type Pages, timestampPages, trackedPages } from './pages.js';
import { holdSync } from './state.js';

/** Of rounds by timestamp, one in so many compares everything: deletes and backdated rows are seen then. */
const COMPARED_EVERY = 10;

export interface Round {
  /** Rows that were looked at. */
  readonly keys: number;
  readonly refused: number;
  readonly putOff: number;
  /** False when it was interrupted. */
  readonly whole: boolean;
}

export interface RoundSetting {
  readonly action: SyncAction;
  readonly lockTimeoutMs: number;
  /** Compares everything, however changes are detected otherwise. */
  readonly full: boolean;
  /** The snapshot of the other side up to which its changes are known; null where no client writes to it. */
  readonly seen: string | null;
  /** Told how many rows have been looked at. */
  readonly progress: (keys: number) => void;
}

/** Throws what the databases answer, and `Ended`. */
export async function oneWay(flow: Flow, setting: RoundSetting): Promise<Round> {
  const { from, to } = flow;
  const { action } = setting;
  const known = await markOf(to.session, flow);
  const tracked = action.detect.by === 'tracking' || from.role === 'target';
  if (tracked) {
    const upTo = await snapshotNow(from.session);
    const span = { since: known.mark, upTo };
    const everything = await wasTruncated(from.session, from.changes, span);
    const round = await applyPages(
      flow,
      everything
        ? differentPages(flow, action, action.batchSize)
        : trackedPages(flow, span, action.batchSize),
      upTo,
      setting,
    );
    if (round.whole) await forgetChanges(from.session, from.changes, upTo);
    return round;
  }
  const mark = await markNow(from.session);
  const full =
    setting.full || action.detect.by === 'hash' || known.rounds % COMPARED_EVERY === COMPARED_EVERY - 1;
  const pages =
    full || action.detect.by !== 'timestamp'
      ? differentPages(flow, action, action.batchSize)
      : timestampPages(flow, action.detect.column, known.mark, action.batchSize);
  return applyPages(flow, pages, mark, setting);
}

/** The pages, with the mark in the transaction of the last one. */
export async function applyPages(
  flow: Flow,
  pages: Pages,
  mark: string,
  { lockTimeoutMs, seen, progress }: RoundSetting,
): Promise<Round> {
  const nothing = async (): Promise<void> => undefined;
  const note = (session: Session): Promise<void> => writeMark(session, flow, mark);
  const total = { keys: 0, refused: 0, putOff: 0 };
  const add = ({ refused, putOff }: Applied): void => {
    total.refused += refused;
    total.putOff += putOff;
  };
  let waiting: Parameters<typeof apply>[1] = [];
  for await (const page of pages) {
    if (interruption() !== null) return { ...total, whole: false };
    if (waiting.length > 0) add(await apply(flow, waiting, { lockTimeoutMs, seen, note: nothing }));
    waiting = page;
    total.keys += page.length;
    progress(total.keys);
  }
  if (interruption() !== null) return { ...total, whole: false };
  add(await apply(flow, waiting, { lockTimeoutMs, seen, note }));
  return { ...total, whole: true };
}

async function markOf(session: Session, { id, to }: Flow) {
  const held = await holdSync(session, id, to.role);
  return { mark: held?.mark ?? null, rounds: held?.rounds ?? 0 };
}

async function writeMark(session: Session, { id, to }: Flow, mark: string): Promise<void> {
  await session.query(
    'update sluice.sync set mark = $3, rounds = rounds + 1, at = now() where id = $1 and role = $2',
    [id, to.role, mark],
  );
}
