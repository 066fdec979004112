/**
 * Processes that outlive the process that started them: named so that a reused pid is never mistaken for them, and ended as a
 * whole group. Used by the supervisor and by the worker, for commands, engines and locks. The supervisor runs it, so only
 * Node's own modules are imported.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Identifies a process for good: pids are reused, but never with the same start time in the same boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/PID/stat), or a time where there is no /proc. */
  readonly start: string;
  /** The first digits of the boot id; the same for all processes since the machine came up. */
  readonly boot: string;
}

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly start: string;
}

/** The identity of a process that is alive now; null when no process has that pid. */
export function identify(pid: number): ProcessIdentity | null {
  const stat = statOf(pid);
  return stat === null || isGone(stat) ? null : { pid, start: stat.start, boot: bootId() };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== null && now.start === identity.start && now.boot === identity.boot;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, start: '', boot: bootId() };
}

/** As it is written into a file; `parseIdentity` reads it. */
export function formatIdentity({ pid, start, boot }: ProcessIdentity): string {
  return `${pid}.${start}.${boot}`;
}

/** The identity at the beginning of this text, or null when the text is not one. */
export function parseIdentity(text: string): ProcessIdentity | null {
  const [pid, start, boot] = text.trim().split('.');
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0 || start === undefined || boot === undefined) return null;
  return { pid: number, start, boot };
}

/** True while a process of the group can still act. Zombies cannot: a container's init may never reap them. */
export function groupIsAlive(group: number): boolean {
  if (process.platform !== 'linux') return canSignal(-group);
  if (!canSignal(-group)) return false;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat !== null && stat.group === group && !isGone(stat)) return true;
  }
  return false;
}

/**
 * True while this process or one that it started in its group can still act. A number is not given away while a group
 * bears it; so when another process has the number, the group was gone before.
 */
export function anyIsAlive(leader: ProcessIdentity): boolean {
  if (isAlive(leader)) return true;
  return leader.boot === bootId() && identify(leader.pid) === null && groupIsAlive(leader.pid);
}

/** Signals every process of the group; one that is already gone is no error. */
export function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  signalQuietly(-group, signal);
}

/** Signals exactly this process; one that is already gone is no error. */
export function signalProcess(identity: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (isAlive(identity)) signalQuietly(identity.pid, signal);
}

/** Asks the group to end, and after the grace makes it end. Resolves when no process of it is left. */
export async function endGroup(group: number, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  signalGroup(group, 'SIGTERM');
  while (groupIsAlive(group)) {
    // Repeated, since a member may be forking while the others die.
    if (Date.now() >= deadline) signalGroup(group, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function signalQuietly(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // EPERM: a member runs as another user (sudo); the caller waits until the group has ended by itself.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')))
      throw error;
  }
}

function canSignal(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isGone(stat: Stat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

/** See proc(5). The name in parentheses may hold anything, so fields are counted from the last parenthesis. */
function statOf(pid: number): Stat | null {
  if (process.platform !== 'linux') return statByPs(pid);
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // No such process, or it went away while being read.
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? 'X', group: Number(fields[2]), start: fields[19] ?? '' };
}

function statByPs(pid: number): Stat | null {
  try {
    const text = execFileSync('ps', ['-o', 'stat=,pgid=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim();
    const [, state = 'X', group = '0', start = ''] = /^(\S)\S*\s+(\d+)\s+(.*)$/.exec(text) ?? [];
    return { state, group: Number(group), start: String(Date.parse(start)) };
  } catch {
    return null; // ps exits with 1 when there is no such process.
  }
}

let boot: string | null = null;

function bootId(): string {
  boot ??= readBootId();
  return boot;
}

function readBootId(): string {
  if (process.platform !== 'linux') return 'none';
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
}
