import { expect, test } from 'vitest';
import { soakProgress } from '../../../strategy/watch/progress.js';
import { newSoak, soakOn } from '../../../strategy/watch/soak.js';

const MINUTE = 60_000;
const at = (minutes: number) => ({ at: minutes * MINUTE, tookMs: 0 });

test('a blind stretch moves the end of a soak by as much', () => {
  const state = (soak: ReturnType<typeof newSoak>) => ({ since: 0, conditions: [], soak });
  const sampled = [0, 1, 2].reduce((soak, minute) => soakOn(soak, [], at(minute), MINUTE), newSoak(0));
  expect(soakProgress(state(sampled), 10 * MINUTE).endsAt).toBe(new Date(10 * MINUTE).toISOString());
  // Nobody samples for 20 minutes; the sample at their end vouches for one of them.
  const late = soakOn(sampled, [], at(22), MINUTE);
  expect(soakProgress(state(late), 10 * MINUTE).endsAt).toBe(new Date(29 * MINUTE).toISOString());
});

test('a soak that was not sampled yet has no known end', () => {
  expect(soakProgress({ since: 0, conditions: [], soak: newSoak(0) }, MINUTE).endsAt).toBeNull();
});
