import { describe, expect, it } from 'vitest';
import type { EventBody, RunEvent } from '../../../strategy/run/event.js';
import type { Outline } from '../../../strategy/run/outline.js';
import type { RequirementView } from '../../../strategy/run/requirement.js';
import { describeEvent } from '../../../strategy/run/wording.js';
import { decision } from '../../cli/fixtures.js';

function lineOf(body: EventBody): string | null {
  const event: RunEvent = { seq: 0, at: '2026-01-01T00:00:00.000Z', ...body };
  return describeEvent(event);
}

function evaluated(...results: RequirementView[]): string | null {
  return lineOf({ type: 'requirements-evaluated', subject: { kind: 'step', id: 'S1', phase: 'P' }, results });
}

const result = (text: string, verdict: RequirementView['verdict'], evidence: string | null = null) =>
  ({ text, how: 'sql', verdict, evidence }) as const;

describe('a line of the record', () => {
  it.each([
    [1, '1 step'],
    [2, '2 steps'],
  ])('counts %i step as %s', (steps, counted) => {
    const started = { by: 'ann', plan: 'f'.repeat(64), steps, onFailure: 'strategy', compress: 1 } as const;
    const outline: Outline = { strategy: { name: 'x', version: '1' }, phases: [], prerequisites: [] };
    expect(lineOf({ type: 'run-started', ...started, outline })).toContain(`: ${counted}, plan ffff`);
  });

  it('says what holds, not only how much of it', () => {
    expect(evaluated(result('Rows match', 'pass', '0 differ'))).toBe('S1: holds: Rows match (0 differ)');
  });

  it('says what fails first, and counts what there is too much of', () => {
    const good = Array.from({ length: 8 }, (_, index) => result(`Good ${index}`, 'pass'));
    const line = evaluated(...good, result('Bad', 'fail', '7'));
    expect(line).toMatch(/^S1: fails: Bad \(7\); holds: Good 0; .*and 3 more without a finding$/);
  });

  it('says of a trigger that it did not fire', () => {
    expect(evaluated({ ...result('Customers are lost', 'pass', '0 of 12'), alert: true })).toBe(
      'S1: did not fire: Customers are lost (0 of 12)',
    );
  });

  it('says whose votes a decision needs', () => {
    const needs = [
      { role: 'DBA', votes: 2 },
      { role: 'Application lead', votes: 1 },
    ];
    expect(lineOf({ type: 'decision-opened', decision: decision({ needs }) })).toBe(
      'Decision needed: approval:GATE-1 (approve | reject), needs 2 votes from "DBA" and "Application lead": Approve GATE-1?',
    );
  });

  it('says plainly that a decision is late, and that a run was retried', () => {
    expect(lineOf({ type: 'decision-overdue', decision: 'approval:G', deadline: '2026-01-01' })).toBe(
      'approval:G was due 2026-01-01, still open',
    );
    expect(lineOf({ type: 'returned', landing: 'P1', by: 'alice' })).toBe('retried from P1 by alice');
  });
});
