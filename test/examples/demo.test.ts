/** The demos as a user runs them: they end with 0 only when the run ended as it should and the shop is as it should be. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const demo = fileURLToPath(new URL('../../examples/discount-code/demo.mjs', import.meta.url));
/** The specification lies beside a checkout, where it is at all. */
const spec = fileURLToPath(
  new URL('../../../shared/spec/discount-code.migration-strategy.yaml', import.meta.url),
);
/** A limit, not an expectation: alone, a demo takes less than a minute. */
const PATIENCE_MS = 900_000;

it(
  'carries the migration out with no request lost',
  async () => {
    const { exitCode, stdout } = await run();
    expect(stdout).toContain('yes  zero downtime: no request failed');
    expect(exitCode, stdout).toBe(0);
  },
  PATIENCE_MS,
);

it(
  'takes a faulty version back, to the last process and flag',
  async () => {
    const { exitCode, stdout } = await run('--failure');
    expect(stdout).toContain(
      'yes  schema, data, processes, traffic, settings and flags are what they were before',
    );
    expect(exitCode, stdout).toBe(0);
  },
  PATIENCE_MS,
);

it.runIf(existsSync(spec))(
  "carries the specification's own example out unmodified",
  async () => {
    const { exitCode, stdout } = await run('--spec', spec);
    expect(exitCode, stdout).toBe(0);
  },
  PATIENCE_MS,
);

it(
  'begins no run after Ctrl-C, while the dashboard is being opened beside it',
  async () => {
    const watched = run('--watch');
    watched.stdout.on('data', (text: Buffer) => {
      if (String(text).includes('Opening the dashboard')) watched.kill('SIGINT');
    });
    const { exitCode, stdout } = await watched;
    expect(exitCode, stdout).toBe(130);
    expect(stdout).not.toContain('sluice run');
  },
  PATIENCE_MS,
);

function run(...args: string[]) {
  return execa(process.execPath, [demo, ...args], { reject: false, all: true });
}
