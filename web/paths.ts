/** Where things are. Ids of the file go into a path as one segment. */

export function runPath(run: string): string {
  return `/runs/${encodeURIComponent(run)}`;
}

export function eventsPath(run: string): string {
  return `${runPath(run)}/events`;
}

export function decisionPath(run: string, decision: string): string {
  return `${runPath(run)}/decisions/${encodeURIComponent(decision)}`;
}

export function stepPath(run: string, step: string): string {
  return `${runPath(run)}/steps/${encodeURIComponent(step)}`;
}

export function logPath(run: string, step: string, job: string): string {
  return `${stepPath(run, step)}/logs/${encodeURIComponent(job)}`;
}

export function phasePath(run: string, phase: string, from = 0): string {
  return `${runPath(run)}/phases/${encodeURIComponent(phase)}${from === 0 ? '' : `?from=${from}`}`;
}

/** A path of this dashboard to return to; anything else becomes the first page. */
export function ownPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])/.test(path) ? path : '/';
}
