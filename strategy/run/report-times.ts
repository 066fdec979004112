/** When status reports are due. Pure. */

/**
 * So many reports keep their pace between two cuts of the history; then the pace is halved, and again after as many. One
 * costs the history some 15 events, and a run may wait for weeks with nothing that lets it cut its history: every
 * 5 minutes for two months would be more than the engine holds, and comes to some 25,000 events this way.
 */
const AT_FULL_PACE = 250;

/** The first one, a whole interval after the start (both ISO 8601; the interval in milliseconds). */
export function firstDue(startedAt: string, everyMs: number): string {
  return new Date(Date.parse(startedAt) + everyMs).toISOString();
}

/**
 * The one after `due`. What was missed meanwhile, with no worker there, is not made up for.
 * @param count how many came before it since the history was last cut
 */
export function nextDue(due: string, everyMs: number, now: Date, count: number): string {
  const step = everyMs * 2 ** Math.floor(count / AT_FULL_PACE);
  const late = Math.max(0, Math.floor((now.getTime() - Date.parse(due)) / step));
  return new Date(Date.parse(due) + (late + 1) * step).toISOString();
}
