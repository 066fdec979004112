/** Processes of the attacked test bed: kept alive, found, and at the end looked for. Linux only, as all that is killed here. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/** Sends a signal; false when there is no such process (any more). */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** A program that is started again whenever it ends, until it is told to stop. */
export class Kept {
  #child: ChildProcess | null = null;
  #wanted = true;
  #timer: NodeJS.Timeout | undefined;
  starts = 0;

  constructor(
    readonly name: string,
    private readonly argv: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
    private readonly log: string,
    /** How long it stays away, in milliseconds. */
    private readonly awayMs: () => number,
  ) {
    this.#start();
  }

  /** Null while it is away. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child?.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    send(child.pid, 'SIGCONT');
    send(child.pid, 'SIGTERM');
    await gone;
  }

  #start(): void {
    if (!this.#wanted) return;
    const log = openSync(this.log, 'a');
    this.starts += 1;
    const child = spawn(process.execPath, this.argv, { env: this.env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    child.once('exit', () => {
      this.#child = null;
      this.#timer = setTimeout(() => this.#start(), this.awayMs());
    });
  }
}

export interface Found {
  readonly pid: number;
  /** Its command line. */
  readonly what: string;
  /** As the kernel names it: R runs, S sleeps, T is stopped, Z is over. */
  readonly state: string;
}

/** The living processes whose environment or command line names this folder, without this one. */
export function processesOf(folder: string): Found[] {
  const found: Found[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const what = read(`/proc/${name}/cmdline`);
    if (what === '') continue;
    if (what.includes(folder) || read(`/proc/${name}/environ`).includes(folder)) {
      const stat = read(`/proc/${name}/stat`);
      const state = stat.charAt(stat.lastIndexOf(')') + 2);
      found.push({ pid: Number(name), what: what.replaceAll('\0', ' ').trim(), state });
    }
  }
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // It has ended meanwhile, or is somebody else's.
  }
}
