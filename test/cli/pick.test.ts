import { describe, expect, test } from 'vitest';
import { pickApproval } from '../../cli/pick-approval.js';
import { pickOnly, pickRun } from '../../cli/which-run.js';
import { decision } from './fixtures.js';

const gate1 = decision();
const gate2 = decision({ id: 'approval:GATE-2', subject: 'GATE-2' });
const failure = decision({ id: 'failure:S1', kind: 'failure', subject: 'S1' });
const none = new Set<string>();

describe('the approval that is meant', () => {
  test('is the only open one', () => {
    expect(pickApproval('r', [failure, gate1], undefined, none)).toBe('approval:GATE-1');
  });

  test('is the one of the gate, or of the id', () => {
    expect(pickApproval('r', [gate1, gate2], 'GATE-2', none)).toBe('approval:GATE-2');
    expect(pickApproval('r', [gate1, gate2], 'approval:GATE-2', none)).toBe('approval:GATE-2');
  });

  test('is the only one that the voter can vote on', () => {
    expect(pickApproval('r', [gate1, gate2], undefined, new Set(['approval:GATE-2']))).toBe(
      'approval:GATE-2',
    );
  });

  test('is asked for when several could be meant', () => {
    expect(() => pickApproval('r', [gate1, gate2], undefined, none)).toThrow(
      /approval:GATE-1, approval:GATE-2/,
    );
  });

  test('is not a decision of another kind', () => {
    expect(() => pickApproval('r', [failure], undefined, none)).toThrow('r has no open approval.');
  });
});

describe('the run that is meant', () => {
  const runs = [
    { run: 'shop-2', endedAt: null },
    { run: 'shop', endedAt: '2026-01-01T00:00:00Z' },
  ];

  test('is the one of this name, even when others start so', () => {
    expect(pickRun('shop', runs)).toBe('shop');
  });

  test('is the only one that starts so', () => {
    expect(pickRun('shop-', runs)).toBe('shop-2');
    expect(pickRun('x', runs)).toBeNull();
  });

  test('is asked for when several start so', () => {
    expect(() => pickRun('sh', runs)).toThrow('Several runs start with "sh": shop-2, shop.');
  });

  test('is the one under way, else the latest, when none is named', () => {
    expect(pickOnly(runs)).toBe('shop-2');
    expect(pickOnly(runs.slice(1))).toBe('shop');
    expect(() => pickOnly([...runs, { run: 'b', endedAt: null }])).toThrow(
      'Several runs are under way: shop-2, b.',
    );
    expect(() => pickOnly([])).toThrow('There are no runs.');
  });
});
