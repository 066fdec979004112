/** What a step's actions printed: from the job folders on this host, which need no engine, and from the record. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jobsFolder } from '../strategy/layout.js';
import type { RunEvent } from '../strategy/run/event.js';

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

export type FinishedAction = Extract<RunEvent, { type: 'action-finished' }>;

/**
 * The actions of a step that left no log among these, as the record has them: what was sent or run, how it ended, and the
 * end of its output. SQL statements, which run in no job folder, and commands of other hosts.
 */
export function actionsWithoutLog(
  events: readonly RunEvent[],
  subject: string,
  logs: readonly JobLog[],
): readonly FinishedAction[] {
  return events
    .filter((event) => event.type === 'action-finished')
    .filter(({ step, purpose, index }) => {
      const effect = `-${purpose}-${index}-`;
      return step === subject && !logs.some(({ job }) => job.includes(effect));
    });
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
