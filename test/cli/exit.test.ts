import { describe, expect, test } from 'vitest';
import { EXIT, exitOf } from '../../cli/exit.js';
import type { RunStatus } from '../../strategy/run/view.js';
import { decision, view } from './fixtures.js';

describe('the exit code of a run', () => {
  const expected: Record<RunStatus, number> = {
    running: 0,
    waiting: 0,
    paused: 3,
    rolling_back: 0,
    completed: 0,
    rolled_back: 4,
    failed: 1,
    aborted: 1,
  };

  test.each(Object.entries(expected))('%s is %i', (status, exit) => {
    expect(exitOf(view({ status: status as RunStatus }))).toBe(exit);
  });

  test('an open decision means that it waits for a person, whatever it does meanwhile', () => {
    expect(exitOf(view({ status: 'rolling_back', decisions: [decision()] }))).toBe(EXIT.waits);
  });

  test('a run that has ended waits for nobody', () => {
    expect(exitOf(view({ status: 'failed', decisions: [decision()] }))).toBe(EXIT.problems);
  });
});
