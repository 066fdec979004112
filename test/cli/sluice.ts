/** Spawns `bin/sluice` as people do, in a home and a workspace of its own. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const BIN = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
const PATIENCE_MS = 180_000;

export interface Finished {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export class Sandbox {
  readonly home = mkdtempSync(join(tmpdir(), 'sluice-cli-home-'));
  readonly workspace = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  private readonly started: Background[] = [];

  /** The environment of a user who has no cluster configured. */
  private get env(): Record<string, string> {
    const { PATH = '', HOME = '', SLUICE_TEMPORAL_BIN = '' } = process.env;
    return { PATH, HOME, SLUICE_TEMPORAL_BIN, SLUICE_HOME: this.home, SLUICE_AS: 'erin' };
  }

  /** Runs a verb to its end. */
  async sluice(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
    const result = await execa(BIN, args, {
      cwd: this.workspace,
      env: { ...this.env, ...env },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
    });
    return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }

  /** Starts a verb that continues by itself. */
  start(args: readonly string[]): Background {
    const started = new Background(args, this.workspace, this.env);
    this.started.push(started);
    return started;
  }

  write(name: string, content: string | object): string {
    const path = join(this.workspace, name);
    mkdirSync(dirname(path), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path, text);
    if (text.startsWith('#!')) chmodSync(path, 0o755);
    return path;
  }

  /** What the commands of the strategies wrote, in order. */
  ledger(name = 'ledger'): string[] {
    const path = join(this.workspace, name);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  async close(): Promise<void> {
    for (const each of this.started) await each.stop();
    for (const folder of [this.home, this.workspace]) rmSync(folder, { recursive: true, force: true });
  }
}

export class Background {
  private readonly child;
  private text = '';
  private over = false;

  constructor(args: readonly string[], cwd: string, env: Record<string, string>) {
    this.child = execa(BIN, args, { cwd, env, extendEnv: false, reject: false, stdin: 'ignore', all: true });
    this.child.all.on('data', (piece: Buffer) => {
      this.text += piece.toString();
    });
    this.child.on('exit', () => {
      this.over = true;
    });
  }

  /** Everything it printed so far, stdout and stderr. */
  get printed(): string {
    return this.text;
  }

  async until(wanted: RegExp): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!wanted.test(this.text)) {
      if (this.over || Date.now() > deadline) throw new Error(`Never printed ${wanted}:\n${this.text}`);
      await pause(50);
    }
  }

  interrupt(): void {
    this.child.kill('SIGINT');
  }

  async ended(): Promise<Finished> {
    const { exitCode, stdout, stderr } = await this.child;
    return { code: exitCode, stdout, stderr };
  }

  async stop(): Promise<void> {
    if (!this.over) this.interrupt();
    await this.child;
  }
}
