/**
 * What is still there when the process ends without waiting for it, such as after a second Ctrl-C: shells of their own run the
 * teardowns and remove the folders. `kill -9` alone leaves them behind.
 */
import { spawn } from 'node:child_process';
import type { Place } from './fingerprint.js';

export interface OpenCopy {
  readonly folder: string;
  /** Where `teardown` starts. */
  readonly workspace: string;
  readonly env: Place['env'];
  readonly teardown: string | null;
}

/** The copies that have been made and not removed, by their folder. */
export type OpenCopies = Map<string, OpenCopy>;

const REMOVE_COPY = '[ -z "$1" ] || /bin/sh -c "$1"; rm -rf "$2"';

/**
 * Waits for this process, which still signs out of the engine in this folder, then for the teardowns, which work in it, for a minute
 * at most, and once more for an engine that is still ending.
 */
const REMOVE_SCRATCH = `
while kill -0 "$2" 2>/dev/null; do sleep 0.1; done
tries=0
while ls -d "$1"/rehearsal-* && [ $tries -lt 60 ]; do sleep 1; tries=$((tries + 1)); done
rm -rf "$1" || { sleep 5; rm -rf "$1"; }`;

/** Removes the copies and the folder that they are in at the exit of this process. @returns what takes that back */
export function removeAtExit(scratch: string, copies: OpenCopies): () => void {
  const leave = (): void => {
    for (const { folder, workspace, env, teardown } of copies.values()) {
      inBackground([REMOVE_COPY, 'sh', teardown ?? '', folder], workspace, env);
    }
    inBackground([REMOVE_SCRATCH, 'sh', scratch, `${process.pid}`], '/', process.env);
  };
  process.once('exit', leave);
  return () => void process.off('exit', leave);
}

function inBackground(script: readonly string[], cwd: string, env: Place['env']): void {
  const child = spawn('/bin/sh', ['-c', ...script], {
    ...{ cwd, detached: true, stdio: 'ignore' },
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? ''])),
  });
  // There is nobody to tell any more.
  child.on('error', () => undefined);
  child.unref();
}
