/** One sign and one style per status: the same everywhere. */
import type {
  GateStatus,
  PhaseStatus,
  PrerequisiteStatus,
  RunStatus,
  StepStatus,
} from '../../strategy/run/view.js';
import type { Style } from '../terminal.js';

export type AnyStatus = RunStatus | PhaseStatus | StepStatus | GateStatus | PrerequisiteStatus;

export interface Glyph {
  readonly sign: string;
  readonly style: Style;
}

const PENDING: Glyph = { sign: '○', style: 'dim' };
const BUSY: Glyph = { sign: '▶', style: 'busy' };
const ASKS: Glyph = { sign: '?', style: 'asks' };
const GOOD: Glyph = { sign: '✔', style: 'good' };
const BAD: Glyph = { sign: '✖', style: 'bad' };
const BACK: Glyph = { sign: '↩', style: 'asks' };

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
      return { sign: '–', style: 'dim' };
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
