/** One sign, one tone and one wording per status, the same on every face. */
import type {
  GateStatus,
  MigrationView,
  PhaseStatus,
  PhaseView,
  PrerequisiteStatus,
  RunStatus,
  StepStatus,
} from './view.js';

export type AnyStatus = RunStatus | PhaseStatus | StepStatus | GateStatus | PrerequisiteStatus;

/** What a status means to its reader; each face has a colour for it. */
export type Tone = 'good' | 'bad' | 'busy' | 'asks' | 'dim';

export interface Glyph {
  readonly sign: string;
  readonly tone: Tone;
}

const PENDING: Glyph = { sign: '○', tone: 'dim' };
const BUSY: Glyph = { sign: '▶', tone: 'busy' };
const ASKS: Glyph = { sign: '?', tone: 'asks' };
const GOOD: Glyph = { sign: '✔', tone: 'good' };
const BAD: Glyph = { sign: '✖', tone: 'bad' };
const BACK: Glyph = { sign: '↩', tone: 'asks' };
const SKIPPED: Glyph = { sign: '–', tone: 'dim' };

export function glyph(status: AnyStatus): Glyph {
  switch (status) {
    case 'pending':
      return PENDING;
    case 'running':
    case 'validating':
    case 'evaluating':
    case 'soaking':
      return BUSY;
    case 'waiting':
    case 'paused':
      return ASKS;
    case 'completed':
    case 'passed':
    case 'verified':
      return GOOD;
    case 'skipped':
      return SKIPPED;
    case 'failed':
    case 'aborted':
    case 'blocked':
    case 'rollback_failed':
      return BAD;
    case 'rolling_back':
    case 'rolled_back':
      return BACK;
    default:
      return status satisfies never;
  }
}

/** The status as people read it: `rolling back`. */
export function statusLabel(status: AnyStatus | 'unknown'): string {
  return status.replaceAll('_', ' ');
}

/** How a phase is shown: one whose steps are being undone neither runs nor fails. */
export function shownPhaseStatus(
  { status, steps }: Pick<PhaseView, 'status' | 'steps'>,
  { rollback }: Pick<MigrationView, 'rollback'>,
): PhaseStatus | 'rolling_back' {
  const back = steps.some((step) => step.status === 'rolling_back' || step.status === 'rolled_back');
  return rollback !== null && back && status !== 'completed' && status !== 'pending'
    ? 'rolling_back'
    : status;
}
