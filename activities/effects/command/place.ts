/**
 * Which supervisor serves a host: the files under SLUICE_HOME/supervisor-<protocol>, with N counting up from 1.
 *
 *   claim-N     a symbolic link to "pid.start.boot.time" of the supervisor with this number; the highest number counts
 *   socket-N    a symbolic link to its socket; made when it listens
 *   N.sock      the socket, when its path is short enough for one
 *   N.pipes/    its stock of pipes
 *
 * A link is made by exactly one of all who try, so one supervisor serves, however many workers start one at once. Two
 * would do no harm: which command is run, and by whom, is decided in the job folders. Node's own modules only.
 */
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { isAlive, type ProcessIdentity } from '../../processes.js';
import { decodeClaim, encodeClaim } from './job.js';

/** Of what workers and supervisors say to each other. One of another number finishes its jobs, and is asked for nothing more. */
export const PROTOCOL = 1;

export interface Place {
  readonly number: number;
  readonly supervisor: ProcessIdentity;
  /** Null until it listens. */
  readonly socket: string | null;
}

export function placesFolder(home: string): string {
  return `${home}/supervisor-${PROTOCOL}`;
}

export function pipesFolder(home: string, number: number): string {
  return `${placesFolder(home)}/${number}.pipes`;
}

/** The latest supervisor of this home, alive or not; null when there never was one. */
export function latestPlace(home: string): Place | null {
  const number = Math.max(0, ...numbersIn(home));
  const claim = readLink(`${placesFolder(home)}/claim-${number}`);
  if (claim === null) return null;
  const { identity } = decodeClaim(claim);
  return { number, supervisor: identity, socket: readLink(`${placesFolder(home)}/socket-${number}`) };
}

/** The identity of the supervisor that serves this home now; null when none lives. */
export function livingSupervisor(home: string): ProcessIdentity | null {
  const place = latestPlace(home);
  return place !== null && isAlive(place.supervisor) ? place.supervisor : null;
}

/** False when another supervisor has the number. */
export function claimPlace(home: string, number: number, self: ProcessIdentity): boolean {
  mkdirSync(placesFolder(home), { recursive: true, mode: 0o700 });
  return link(encodeClaim(self), `${placesFolder(home)}/claim-${number}`);
}

/** True while this number is claimed: the next supervisor removes it, as does anyone who removes the home. */
export function holdsPlace(home: string, number: number): boolean {
  return readLink(`${placesFolder(home)}/claim-${number}`) !== null;
}

/** Tells workers where the supervisor listens. */
export function announceSocket(home: string, number: number, socket: string): void {
  link(socket, `${placesFolder(home)}/socket-${number}`);
}

/** Removes what dead supervisors have left, and tells a living one, that did not answer, that it is replaced. */
export function replaceEarlier(home: string, number: number): void {
  for (const earlier of numbersIn(home)) {
    if (earlier >= number) continue;
    const claim = `${placesFolder(home)}/claim-${earlier}`;
    const link = readLink(claim);
    if (link === null || !isAlive(decodeClaim(link).identity)) removePlace(home, earlier);
    rmSync(claim, { force: true });
  }
}

/** Removes all of a supervisor but its claim, which says which number comes next. */
export function removePlace(home: string, number: number): void {
  const folder = placesFolder(home);
  for (const name of [`socket-${number}`, `${number}.sock`, `${number}.pipes`]) {
    rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
}

function numbersIn(home: string): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync(placesFolder(home));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names.flatMap((name) => {
    const number = /^claim-(\d+)$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function link(content: string, path: string): boolean {
  try {
    symlinkSync(content, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    const gone = ['ENOENT', 'ENOTDIR'];
    if (error instanceof Error && 'code' in error && gone.includes(String(error.code))) return null;
    throw error;
  }
}
