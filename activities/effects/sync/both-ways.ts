/**
 * A round in both directions. What both sides have changed since they last agreed is found before anything is applied; the rest
 * goes to the other side. A row that a client changes meanwhile is put off, and belongs to the next round.
 *
 * Conflicts are noted first, then the source gets what the target changed, then the target what the source changed, each with the mark
 * of the other side in its transaction. So a kill between any two of them loses no change and mistakes none of its own for a client's.
 */
import type { Session } from '../../sql/session.js';
import { changedAmong, duringSpan, forgetChanges, type Span, snapshotNow } from './changes.js';
import { heldKeys, noteConflicts, type Rule, wonBySource } from './conflicts.js';
import { applyDecided } from './decided.js';
import type { Flow, Flows } from './flow.js';
import { type Key, readKeys } from './keys.js';
import { applyPages, type Round, type RoundSetting } from './one-way.js';
import { type Pages, trackedPages } from './pages.js';
import { holdSync } from './state.js';

/** Throws what the databases answer, and `Ended`. */
export async function bothWays(flows: Flows, rule: Rule, setting: RoundSetting): Promise<Round> {
  const { forward, back } = flows;
  await applyDecided(flows, setting.lockTimeoutMs);
  const [source, target] = [forward.from, forward.to];
  const sourceSpan = {
    since: await markIn(target.session, forward),
    upTo: await snapshotNow(source.session),
  };
  const targetSpan = { since: await markIn(source.session, back), upTo: await snapshotNow(target.session) };
  const round: Contest = {
    ...{ flows, rule, sourceSpan, targetSpan, item: setting.action.item, size: setting.action.batchSize },
    base: JSON.stringify([sourceSpan.since, targetSpan.since]),
    held: await heldKeys(forward),
  };
  const returned = await applyPages(back, returningPages(round), targetSpan.upTo, {
    ...setting,
    seen: sourceSpan.upTo,
  });
  if (!returned.whole) return returned;
  const sent = await applyPages(forward, sendingPages(round), sourceSpan.upTo, {
    ...setting,
    seen: targetSpan.upTo,
  });
  if (sent.whole) {
    await forgetChanges(source.session, source.changes, sourceSpan.upTo);
    await forgetChanges(target.session, target.changes, targetSpan.upTo);
  }
  return {
    keys: returned.keys + sent.keys,
    refused: returned.refused + sent.refused,
    putOff: returned.putOff + sent.putOff,
    whole: sent.whole,
  };
}

interface Contest {
  readonly flows: Flows;
  readonly rule: Rule;
  readonly item: string;
  readonly size: number;
  readonly sourceSpan: Span;
  readonly targetSpan: Span;
  /** The marks at which both sides last agreed. */
  readonly base: string;
  /** Keys that wait for a person, as JSON; those found in this round are added. */
  readonly held: ReadonlySet<string>;
}

/** What goes back to the source: changed in the target only, or won by it. */
async function* returningPages(round: Contest): Pages {
  const { flows, rule, item, size, sourceSpan, targetSpan, base, held } = round;
  const { forward, back } = flows;
  for await (const page of trackedPages(back, targetSpan, size)) {
    const free = page.filter((key) => !held.has(JSON.stringify(key)));
    const contested = await changedIn(forward, sourceSpan, free);
    const conflicts = await noteConflicts(
      forward,
      item,
      rule,
      base,
      free.filter((key) => contested.has(JSON.stringify(key))),
    );
    const keys = free.filter((key) => {
      const text = JSON.stringify(key);
      return conflicts.has(text) ? rule === 'target_wins' : !contested.has(text);
    });
    if (keys.length > 0) yield keys;
  }
}

/** What goes to the target: changed in the source only, or won by it. */
async function* sendingPages({ flows, size, sourceSpan, targetSpan, base }: Contest): Pages {
  const { forward, back } = flows;
  const won = await wonBySource(forward, base);
  const held = await heldKeys(forward);
  for await (const page of trackedPages(forward, sourceSpan, size)) {
    const contested = await changedIn(back, targetSpan, page);
    const keys = page.filter((key) => {
      const text = JSON.stringify(key);
      return won.has(text) || (!held.has(text) && !contested.has(text));
    });
    if (keys.length > 0) yield keys;
  }
}

/** Which of these keys the side where the flow begins has changed, and those of it that were put off; as JSON. */
async function changedIn(
  { id, from, to }: Flow,
  span: Span,
  keys: readonly Key[],
): Promise<ReadonlySet<string>> {
  const changed = await changedAmong(from.session, from.changes, duringSpan(span), keys);
  const { rows } = await to.session.query(
    'select to_json(key)::text as key from sluice.sync_pending where id = $1 and role = $2',
    [id, from.role],
  );
  return new Set([...changed, ...readKeys(rows).map((key) => JSON.stringify(key))]);
}

async function markIn(session: Session, { id, to }: Flow): Promise<string | null> {
  return (await holdSync(session, id, to.role))?.mark ?? null;
}
