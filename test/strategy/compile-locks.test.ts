/** What a run locks follows from the strategy's systems and the bindings. */
import { describe, expect, it } from 'vitest';
import { compileLocks } from '../../strategy/compile/locks.js';

const affecting = (...systems: string[]) => ({
  migration_overview: { scope: { systems_affected: systems } },
});

describe('the locks of a plan', () => {
  it('are the affected systems, each once, in one order for all runs', () => {
    expect(compileLocks(affecting('orders', 'Cart  DB', 'cart db ', ' '), null)).toEqual({
      locks: ['cart db', 'orders'],
    });
  });

  it('are those of the bindings instead, when these name any', () => {
    expect(compileLocks(affecting('orders'), { locks: ['Shop'] })).toEqual({ locks: ['shop'] });
  });

  it('are none when the bindings say so, or when nobody names a system', () => {
    expect(compileLocks(affecting('orders'), { locks: [] })).toEqual({});
    expect(compileLocks({}, {})).toEqual({});
  });
});
