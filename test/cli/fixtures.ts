/** Views and decisions as a run would show them, for tests of what is drawn and asked. */
import { plain, type Terminal } from '../../cli/terminal.js';
import type { Decision } from '../../strategy/run/decision.js';
import type { EventBody, RunEvent } from '../../strategy/run/event.js';
import type { GateView, MigrationView, PhaseView, StepView } from '../../strategy/run/view.js';

export function step(id: string, over: Partial<StepView> = {}): StepView {
  return {
    id,
    name: `Name of ${id}`,
    type: 'configuration',
    undo: 'actions',
    status: 'pending',
    reason: '',
    attempts: 0,
    undone: 0,
    actionsDone: 0,
    startedAt: null,
    endedAt: null,
    baselines: {},
    requirements: [],
    output: null,
    ...over,
  };
}

export function gate(id: string, over: Partial<GateView> = {}): GateView {
  return { id, name: `Name of ${id}`, status: 'pending', reason: '', requirements: [], votes: [], ...over };
}

export function phase(id: string, steps: readonly StepView[], over: Partial<PhaseView> = {}): PhaseView {
  return {
    id,
    name: `Name of ${id}`,
    status: 'pending',
    reason: '',
    requirements: [],
    steps,
    omitted: null,
    gate: null,
    ...over,
  };
}

export function decision(over: Partial<Decision> = {}): Decision {
  return {
    id: 'approval:GATE-1',
    kind: 'approval',
    subject: 'GATE-1',
    question: 'Approve GATE-1?',
    options: ['approve', 'reject'],
    needs: [{ role: 'DBA Lead', votes: 1 }],
    votes: [],
    openedAt: '2026-01-01T00:00:05.000Z',
    deadline: null,
    evidence: [],
    checklist: [],
    reasonFor: [],
    planHash: 'f'.repeat(64),
    evidenceHash: 'e'.repeat(64),
    claimedBy: null,
    ...over,
  };
}

export function view(over: Partial<MigrationView> = {}): MigrationView {
  return {
    run: 'shop-1',
    status: 'running',
    reason: 'STEP-1 runs its first action.',
    strategy: { name: 'shop', version: '1.0.0', hash: 'f'.repeat(64) },
    submittedBy: 'erin',
    compress: 1,
    onFailure: 'strategy',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    landing: null,
    prerequisites: [],
    phases: [],
    completion: { status: 'pending', reason: '', requirements: [], votes: [] },
    rollback: null,
    pausedBy: null,
    host: null,
    applied: [],
    decisions: [],
    progress: [],
    samples: [],
    seq: 0,
    asOf: '2026-01-01T00:00:00.000Z',
    waitingUntil: null,
    worked: 0,
    waited: 0,
    wayBack: [],
    ...over,
  };
}

/** A terminal that keeps what was written to it. */
export function fakeTerminal(over: Partial<Terminal> = {}): {
  readonly terminal: Terminal;
  readonly stdout: string[];
  readonly stderr: string[];
} {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const terminal: Terminal = {
    env: {},
    interactive: false,
    paint: plain,
    width: () => 100,
    height: () => 40,
    now: () => new Date('2026-01-01T00:01:10.000Z'),
    out: (text) => void stdout.push(`${text}\n`),
    raw: (text) => void stdout.push(text),
    flush: async (text) => void stdout.push(text),
    note: (text) => void stderr.push(`${text}\n`),
    ...over,
  };
  return { terminal, stdout, stderr };
}

/** An event of a run; its time is of no matter here. */
export function event(seq: number, happening: EventBody): RunEvent {
  return { seq, at: '2026-01-01T00:00:00.000Z', ...happening };
}
