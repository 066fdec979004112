import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggest } from '../../strategy/suggest.js';

describe('a suggestion', () => {
  const keys = ['step_id', 'name', 'description', 'rollback_procedure', 'rollback_steps'];

  it.each([
    ['stepid', 'step_id'],
    ['step-id', 'step_id'],
    ['StepId', 'step_id'],
    ['setp_id', 'step_id'],
    ['nmae', 'name'],
    ['desciption', 'description'],
    ['rollback_procedur', 'rollback_procedure'],
    ['rolback_step', 'rollback_steps'],
  ])('for %s is %s', (found, meant) => {
    expect(suggest(found, keys)).toBe(meant);
  });

  it.each(['colour', 'x', '', 'steps_of_the_rollback_procedure_of_this_step', 'n'.repeat(100_000)])(
    'is not made for %.20s',
    (found) => {
      expect(suggest(found, keys)).toBeNull();
    },
  );

  it('is the nearest candidate, not the first', () => {
    expect(suggest('rollback_step', ['rollback_stop_it', 'rollback_steps'])).toBe('rollback_steps');
  });

  it('is found for any name with one letter lost or two swapped', () => {
    const name = fc.stringMatching(/^[a-z]{6,20}$/);
    fc.assert(
      fc.property(name, fc.nat({ max: 4 }), fc.boolean(), (word, at, swaps) => {
        const swapped = word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
        const typed = swaps ? swapped : word.slice(0, at) + word.slice(at + 1);
        expect(typed === word || suggest(typed, ['unrelated_candidate_name', word]) === word).toBe(true);
      }),
    );
  });
});
