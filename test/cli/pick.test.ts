import { describe, expect, test } from 'vitest';
import { pickApproval } from '../../cli/pick-approval.js';
import { pickOnly, pickRun } from '../../cli/which-run.js';
import { decision } from './fixtures.js';

const gate1 = decision();
const gate2 = decision({ id: 'approval:GATE-2', subject: 'GATE-2' });
const failure = decision({ id: 'failure:S1', kind: 'failure', subject: 'S1' });

describe('the approval that is meant', () => {
  test('is the only open one', () => {
    expect(pickApproval('r', [failure, gate1], undefined)).toBe(gate1);
  });

  test('is the one of the gate, or of the id', () => {
    expect(pickApproval('r', [gate1, gate2], 'GATE-2')).toBe(gate2);
    expect(pickApproval('r', [gate1, gate2], 'approval:GATE-2')).toBe(gate2);
  });

  test('is asked for when several are open, no matter who may vote on which', () => {
    expect(() => pickApproval('r', [gate1, gate2], undefined)).toThrow(/approval:GATE-1, approval:GATE-2/);
  });

  test('is not a decision of another kind', () => {
    expect(() => pickApproval('r', [failure], undefined)).toThrow('r has no open approval.');
  });
});

describe('the run that is meant', () => {
  const runs = [
    { run: 'shop-2', endedAt: null },
    { run: 'shop', endedAt: '2026-01-01T00:00:00Z' },
  ];
  const ids = runs.map(({ run }) => run);

  test('is the one of this name, even when others start so', () => {
    expect(pickRun('shop', ids)).toBe('shop');
  });

  test('is the only one that starts so', () => {
    expect(pickRun('shop-', ids)).toBe('shop-2');
    expect(pickRun('x', ids)).toBeNull();
  });

  test('is asked for when several start so', () => {
    expect(() => pickRun('sh', ids)).toThrow('Several runs start with "sh": shop-2, shop.');
  });

  test('is the one under way, else the latest, when none is named', () => {
    expect(pickOnly(runs)).toBe('shop-2');
    expect(pickOnly(runs.slice(1))).toBe('shop');
    expect(() => pickOnly([...runs, { run: 'b', endedAt: null }])).toThrow(
      'Several runs are running: shop-2, b.',
    );
    expect(() => pickOnly([])).toThrow('There are no runs.');
  });
});
