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

/** The page of a log that shows this line, or its end. */
export function logPath(run: string, step: string, job: string, line: number | null = null): string {
  const path = `${stepPath(run, step)}/logs/${encodeURIComponent(job)}`;
  return line === null ? path : `${path}?line=${line}#L${line}`;
}

/** All of a log, as a file. */
export function rawLogPath(run: string, step: string, job: string): string {
  return `${logPath(run, step, job)}/raw`;
}

export function phasePath(run: string, phase: string, from = 0): string {
  return `${runPath(run)}/phases/${encodeURIComponent(phase)}${from === 0 ? '' : `?from=${from}`}`;
}

/** A path of this dashboard to return to; anything else becomes the first page. */
export function ownPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])/.test(path) ? path : '/';
}
