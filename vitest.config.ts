import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Temporal's native core crashes in worker threads.
    pool: 'forks',
    globalSetup: ['test/support/temp-setup.ts', 'test/support/engine-setup.ts'],
    // Limits, not expectations: on a busy machine everything takes many times as long, and a test waits for a condition.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 180_000 } },
    // More files at once than cores: most of a test's time is spent waiting for the engine or a process.
    maxWorkers: 4,
    // Files of one process share what they import: alone, loading it takes a fifth of the suite's CPU time. So a test leaves
    // nothing behind in the process: no variable, no mock, no worker.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
