/** The jobs that run at this moment, read from their folders. */
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../activities/processes.js';

export interface RunningJob {
  readonly folder: string;
  /** Null when it is no more. */
  readonly supervisor: number | null;
  /** Null before it has begun, or when it is no more. */
  readonly command: number | null;
}

/** Every job under the home folder with a living supervisor or command. */
export function runningJobs(home: string): RunningJob[] {
  return children(join(home, 'runs'))
    .flatMap((run) => children(join(run, 'jobs')))
    .flatMap(children)
    .flatMap((folder) => {
      const files = names(folder);
      if (files.includes('exit.json')) return [];
      const supervisor = latest(folder, files, 'claim');
      const command = latest(folder, files, 'started');
      return supervisor === null && command === null ? [] : [{ folder, supervisor, command }];
    });
}

/** The living process that the highest link of this kind names. */
function latest(folder: string, files: readonly string[], kind: 'claim' | 'started'): number | null {
  const numbers = files.flatMap((file) => {
    const number = new RegExp(`^${kind}-(\\d+)$`).exec(file)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  if (numbers.length === 0) return null;
  let link: string;
  try {
    link = readlinkSync(join(folder, `${kind}-${Math.max(...numbers)}`));
  } catch {
    return null; // Just removed.
  }
  const [pid = '', start = '', boot = ''] = link.split('.');
  return isAlive({ pid: Number(pid), start, boot }) ? Number(pid) : null;
}

function children(folder: string): string[] {
  return names(folder).map((name) => join(folder, name));
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No such folder yet, or no folder.
  }
}
