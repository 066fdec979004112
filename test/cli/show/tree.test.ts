import { describe, expect, test } from 'vitest';
import { drawTree } from '../../../cli/show/tree.js';
import { decision, gate, phase, step, view } from '../fixtures.js';

const now = new Date('2026-01-01T00:01:10.000Z');
const wide = { width: 200, height: null, now };

describe('the tree of a run', () => {
  test('shows phases, steps and gates in order, with status, reason and elapsed time', () => {
    const running = step('S2', {
      status: 'running',
      reason: 'Action 1 of 2.',
      startedAt: '2026-01-01T00:01:00.000Z',
    });
    const phases = [
      phase('P1', [step('S1', { status: 'completed' }), running], { status: 'running', gate: gate('G1') }),
      phase('P2', [step('S3')]),
    ];
    expect(drawTree(view({ phases }), wide)).toEqual([
      'shop 1.0.0 · run shop-1 · running · 1m 10s',
      '  STEP-1 runs its first action.',
      '▶ P1 Name of P1  running · 1/2',
      '  ✔ S1 Name of S1',
      '  ▶ S2 Name of S2  running · 10s · Action 1 of 2.',
      '  ○ G1 Name of G1  gate',
      '○ P2 Name of P2  0/1',
      '  ○ S3 Name of S3',
      '○ completion',
    ]);
  });

  test('shows how much of a soak is done', () => {
    const phases = [phase('P1', [step('S1', { status: 'soaking', reason: 'Must stay quiet for 3 days.' })])];
    const sentence = 'soaked 1 day of 3 days: quiet';
    const counted = { done: 86_400, total: 259_200, unit: 'seconds', ratePerSecond: null, endsAt: null };
    const progress = [{ ...counted, step: 'S1', since: '2026-01-01T00:00:00.000Z', sentence }];
    expect(drawTree(view({ phases, progress }), wide)).toContainEqual(expect.stringContaining(sentence));
  });

  test('shows an open decision with the commands that answer it, ready to copy', () => {
    const lines = drawTree(view({ decisions: [decision()] }), { ...wide, width: 30 });
    expect(lines).toContain("    sluice approve shop-1 approval:GATE-1 --as 'DBA Lead'");
    expect(lines).toContain("    sluice reject shop-1 approval:GATE-1 --as 'DBA Lead'");
  });

  test('shows what the machine saw, and what only a person can say', () => {
    const seen = {
      text: 'Error rate < 1%',
      how: 'metric' as const,
      verdict: 'fail' as const,
      evidence: '3.2',
    };
    const lines = drawTree(
      view({ decisions: [decision({ evidence: [seen], checklist: ['Look good?'] })] }),
      wide,
    );
    expect(lines).toContain('  fails: Error rate < 1% (3.2)');
    expect(lines).toContain('  [ ] Look good?');
  });

  test('shows who is on a decision, and how long there is left, or since when it is late', () => {
    const head = (deadline: string) =>
      drawTree(view({ decisions: [decision({ claimedBy: 'dora', deadline })] }), wide).find((line) =>
        line.startsWith('?'),
      );
    expect(head('2026-01-01T01:01:10.000Z')).toBe(
      '? approval:GATE-1 · needs "DBA Lead" · dora is on it · due in 1h 00m, at 2026-01-01T01:01:10.000Z',
    );
    expect(head('2026-01-01T00:00:10.000Z')).toContain('overdue by 1m 00s, since 2026-01-01T00:00:10.000Z');
  });

  test('cuts lines at the width', () => {
    const lines = drawTree(view({ reason: 'x'.repeat(500) }), { ...wide, width: 40 });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  test('lets nothing from a file command the terminal', () => {
    const lines = drawTree(view({ reason: 'a\u001B[2Jb\nc', phases: [phase('P\u0007', [])] }), wide);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    expect(lines).toContain('  a [2Jb c');
  });

  test('keeps what happens now when the terminal is too low, and says that there is more', () => {
    const steps = Array.from({ length: 500 }, (_, i) =>
      step(`S${i}`, { status: i < 250 ? 'completed' : 'pending' }),
    );
    steps[250] = step('S250', { status: 'running', reason: 'It runs.' });
    const lines = drawTree(view({ phases: [phase('P1', steps)], decisions: [decision()] }), {
      ...wide,
      height: 20,
    });
    expect(lines).toHaveLength(20);
    expect(lines[0]).toContain('run shop-1');
    expect(lines.join('\n')).toContain('S250 Name of S250');
    expect(lines.join('\n')).toContain('sluice approve');
    expect(lines.at(-1)).toMatch(/^… \d+ more lines/);
  });
});
