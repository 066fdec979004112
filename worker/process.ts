/** Telling processes apart: a pid alone is not enough, since systems give pids away again. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessStamp {
  readonly pid: number;
  /** When it started, in whatever unit the system uses; only compared. Null when the system does not tell. */
  readonly started: string | null;
}

/** The stamp of a living process; null when there is none, or only its zombie is left. */
export function stampOf(pid: number): ProcessStamp | null {
  if (!exists(pid)) return null;
  if (process.platform !== 'linux') return { pid, started: startedByPs(pid) };
  try {
    // Field 2 is the name in parentheses and may hold anything; state and start time are fields 3 and 22.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { pid, started: fields[19] ?? null };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** True while exactly this process lives. */
export function isAlive(stamp: ProcessStamp): boolean {
  const now = stampOf(stamp.pid);
  if (now === null) return false;
  return stamp.started === null || now.started === null || stamp.started === now.started;
}

/** The stamp of this process. */
export function ownStamp(): ProcessStamp {
  return stampOf(process.pid) ?? { pid: process.pid, started: null };
}

/** The stamp written in this text, or null when the text is not one. */
export function parseStamp(text: string): ProcessStamp | null {
  const [pid, started] = text.trim().split(' ');
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return null;
  return { pid: number, started: started ?? null };
}

export function formatStamp(stamp: ProcessStamp): string {
  return stamp.started === null ? `${stamp.pid}` : `${stamp.pid} ${stamp.started}`;
}

/** Sends a signal to a process that may be gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return !isGone(error);
  }
}

function startedByPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' })
      .trim()
      .replace(/\s+/g, '_');
  } catch {
    // No ps, or the process went away meanwhile: the pid alone has to do.
    return null;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'ENOENT');
}
