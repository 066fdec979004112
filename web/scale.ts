/** A scale of time on which nothing is drawn while nothing happens: idle stretches are folded to a narrow mark. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Fold extends Span {
  /** Where its mark begins and ends on the scale. */
  readonly start: number;
  readonly end: number;
}

export interface Scale {
  /** The place of a moment, from 0 to `width`. */
  at(time: number): number;
  readonly folds: readonly Fold[];
}

/** The share of the whole from which an idle stretch is folded, and that of its mark. */
const LONG = 0.15;
const MARK = 0.03;

/** @param busy when something happens; `whole` in milliseconds since 1970 */
export function foldedScale(whole: Span, busy: readonly Span[], width: number): Scale {
  const length = Math.max(1, whole.to - whole.from);
  const idle = gapsOf(whole, busy).filter(({ from, to }) => to - from >= LONG * length);
  const idleLength = idle.reduce((sum, { from, to }) => sum + to - from, 0);
  const factor = (width * (1 - MARK * idle.length)) / Math.max(1, length - idleLength);
  const folds: Fold[] = [];
  for (const { from, to } of idle) {
    const before = folds.reduce((sum, fold) => sum + fold.to - fold.from, 0);
    const start = (from - whole.from - before) * factor + folds.length * MARK * width;
    folds.push({ from, to, start, end: start + MARK * width });
  }
  const at = (time: number): number => {
    const within = Math.min(whole.to, Math.max(whole.from, time));
    const inside = folds.find(({ from, to }) => within > from && within < to);
    if (inside !== undefined) {
      const share = (within - inside.from) / (inside.to - inside.from);
      return inside.start + share * (inside.end - inside.start);
    }
    const passed = folds.filter(({ to }) => to <= within);
    const folded = passed.reduce((sum, { from, to }) => sum + to - from, 0);
    return (within - whole.from - folded) * factor + passed.length * MARK * width;
  };
  return { at, folds };
}

function gapsOf(whole: Span, busy: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let end = whole.from;
  for (const { from, to } of [...busy].sort((one, other) => one.from - other.from)) {
    if (from > end) gaps.push({ from: end, to: from });
    end = Math.max(end, to);
  }
  if (whole.to > end) gaps.push({ from: end, to: whole.to });
  return gaps;
}
