/** The queue of a lock. */
import { describe, expect, it } from 'vitest';
import {
  type Claim,
  describeWait,
  TOLD,
  waitAt,
  withClaim,
  withoutClaim,
} from '../../../strategy/run/lock.js';

const claim = (run: string): Claim => ({ run, execution: `first-of-${run}` });
const queue = (...runs: string[]) => runs.map(claim);

describe('a lock', () => {
  it('is held by the run that came first, and the others wait in the order in which they came', () => {
    const claims = [claim('a'), claim('b'), claim('c')].reduce(withClaim, []);
    expect(waitAt('db', claims, 0)).toBeNull();
    expect(waitAt('db', claims, 2)).toEqual({ lock: 'db', holder: 'a', ahead: 2 });
    expect(withoutClaim(claims, claim('a'))).toEqual(queue('b', 'c'));
  });

  it('keeps the place of a run that claims it again', () => {
    expect(withClaim(queue('a', 'b'), claim('a'))).toEqual(queue('a', 'b'));
  });

  it('is not released by a later run of the same id', () => {
    expect(withoutClaim(queue('a'), { run: 'a', execution: 'another' })).toEqual(queue('a'));
  });

  it('says no figure to a run far behind, which does not hear of every change', () => {
    const claims = Array.from({ length: TOLD + 2 }, (_, place) => claim(`run-${place}`));
    const wait = waitAt('db', claims, TOLD + 1);
    expect(wait).toMatchObject({ ahead: null });
    expect(wait && describeWait(wait)).toBe('Waits for the lock "db": more than 20 runs are ahead.');
  });
});
