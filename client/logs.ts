/** What a step's commands printed, from the job folders on this host. Needs no engine. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jobsFolder } from '../strategy/layout.js';

export interface JobLog {
  /** `<times undone>-<apply|undo>-<place among the actions>-<attempt>.<execution>`. */
  readonly job: string;
  /** The file with everything the command printed, secrets left out. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * The output files of a step (or of a rollback level's script) of a run, in the order in which the commands ran.
 * Empty when this host ran none.
 */
export async function jobLogs(home: string, run: string, subject: string): Promise<readonly JobLog[]> {
  const folder = jobsFolder(home, run, subject);
  const jobs = await readdir(folder).catch(emptyWhenMissing);
  const logs: JobLog[] = [];
  for (const job of [...jobs].sort(inOrder)) {
    const file = join(folder, job, 'output.log');
    const bytes = await stat(file).then(
      ({ size }) => size,
      (error: unknown) => (isMissing(error) ? null : Promise.reject(error)),
    );
    if (bytes !== null) logs.push({ job, file, bytes });
  }
  return logs;
}

/** The whole text of one log. */
export function readLog(log: JobLog): Promise<string> {
  return readFile(log.file, 'utf8');
}

/** Numbers by value: the tenth action runs after the ninth. An undo follows what it undoes. */
function inOrder(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

function emptyWhenMissing(error: unknown): readonly string[] {
  if (isMissing(error)) return [];
  throw error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
