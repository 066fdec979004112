/** Whether the migration may act now, by its windows and freezes. */
import type { Freeze, Window } from '../plan.js';
import { describeFreeze, describeWindow } from './describe.js';
import { type Span, spanOfFreeze, spansOf } from './spans.js';

/**
 * Whether the migration may act now. If so, until when that is certain (null: nothing closes it); if not, why, and the next
 * moment it may (null: not within 400 days). ISO 8601. `shut`: the sentences of what forbids it; absent in histories of earlier builds.
 */
export type WindowState =
  | { readonly open: true; readonly closesAt: string | null }
  | {
      readonly open: false;
      readonly why: string;
      readonly opensAt: string | null;
      readonly shut?: readonly string[];
    };

export interface NamedWindow {
  readonly text: string;
  readonly window: Window;
}

export interface NamedFreeze {
  readonly text: string;
  readonly freeze: Freeze;
}

const HORIZON_MS = 400 * 24 * 60 * 60_000;

/** @throws RangeError when a zone is unknown; compiling has refused such windows. */
export function windowState(
  now: Date,
  windows: readonly NamedWindow[],
  freezes: readonly NamedFreeze[],
): WindowState {
  const at = now.getTime();
  const closed = windows.filter(({ window }) => spanAt(window, at) === null);
  const frozen = freezes.filter(({ freeze }) => contains(spanOfFreeze(freeze), at));
  if (closed.length + frozen.length === 0) {
    return { open: true, closesAt: toIso(nextClosing(now, windows, freezes)) };
  }
  const why = [
    ...closed.map(({ text, window }) => `outside the window "${text}" (${describeWindow(window)})`),
    ...frozen.map(({ text, freeze }) => `in the freeze "${text}" (${describeFreeze(freeze)})`),
  ];
  const shut = [...closed, ...frozen].map(({ text }) => text);
  return { open: false, why: why.join('; '), opensAt: toIso(nextOpening(now, windows, freezes)), shut };
}

/**
 * The first moment from `now` on that lies in every window and in no freeze; null when no such moment comes within 400 days.
 * Such a moment is `now`, the beginning of some window, or the end of some freeze: only those are checked.
 */
export function nextOpening(
  now: Date,
  windows: readonly NamedWindow[],
  freezes: readonly NamedFreeze[],
): Date | null {
  const from = now.getTime();
  const horizon = { from, until: from + HORIZON_MS };
  const open = windows.map(({ window }) => spansOf(window, horizon));
  const frozen = freezes.map(({ freeze }) => spanOfFreeze(freeze));
  const candidates = [
    from,
    ...open.flat().map((span) => span.from),
    ...frozen.map((span) => span.until),
  ].filter((at) => at >= from && at < horizon.until);
  const first = candidates
    .sort((left, right) => left - right)
    .find(
      (at) =>
        open.every((spans) => spans.some((span) => contains(span, at))) &&
        !frozen.some((span) => contains(span, at)),
    );
  return first === undefined ? null : new Date(first);
}

/** The first moment at which a window that is open now ends or a freeze begins, or null. */
export function nextClosing(
  now: Date,
  windows: readonly NamedWindow[],
  freezes: readonly NamedFreeze[],
): Date | null {
  const at = now.getTime();
  const ends = windows.flatMap(({ window }) => spanAt(window, at)?.until ?? []);
  const beginnings = freezes.map(({ freeze }) => spanOfFreeze(freeze).from).filter((from) => from > at);
  const next = Math.min(...ends, ...beginnings);
  return Number.isFinite(next) ? new Date(next) : null;
}

/** The span of the window that contains the moment; of several the one that lasts longest. */
function spanAt(window: Window, at: number): Span | null {
  const spans = spansOf(window, { from: at, until: at + 1 });
  return spans.reduce<Span | null>(
    (longest, span) => (longest === null || span.until > longest.until ? span : longest),
    null,
  );
}

function contains({ from, until }: Span, at: number): boolean {
  return at >= from && at < until;
}

function toIso(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
