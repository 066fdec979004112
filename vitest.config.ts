import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Temporal's native core crashes in worker threads.
    pool: 'forks',
    globalSetup: ['test/support/engine-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // How long something may take to become so; the default of one second is too little for a busy machine.
    expect: { poll: { timeout: 20_000 } },
    // Two files at once: most of a test's time is spent waiting for the engine or a process.
    maxWorkers: 2,
  },
});
