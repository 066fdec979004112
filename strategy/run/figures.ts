/** What can be said of a run in a few words, by name: what templates and status reports are filled with. Pure. */
import { elapsed } from '../render/elapsed.js';
import { describeDowntime } from './downtime.js';
import { progressOf } from './excerpt.js';
import { statusLabel } from './labels.js';
import { describeNeeds } from './needs.js';
import type { MigrationView, PhaseView, StepStatus, StepView } from './view.js';

type Describe = (view: MigrationView, at: string) => string;

const FIGURES = {
  run: ({ run }) => run,
  migration: ({ strategy }) => strategy.name,
  version: ({ strategy }) => strategy.version,
  status: ({ status }) => statusLabel(status),
  reason: ({ reason }) => reason,
  progress: (view) => {
    const { done, all } = stepsDone(view);
    return `${all === 0 ? 0 : Math.floor((100 * done) / all)}% (${done} of ${all} ${all === 1 ? 'step' : 'steps'})`;
  },
  phase: describePhase,
  step: (view) => named(stepsOf(view).filter(({ status }) => BUSY.has(status))) ?? 'no step is under way',
  next: ({ phases }) =>
    named(phases.flatMap(({ steps }) => steps.filter(({ status }) => status === 'pending')).slice(0, 1)) ??
    'no further step',
  waits_for: ({ decisions }) =>
    decisions.length === 0
      ? 'nobody'
      : decisions.map(({ question, needs }) => `${describeNeeds(needs)}: ${question}`).join('; '),
  decisions: ({ decisions }) => String(decisions.length),
  incidents: ({ incidents = [] }) =>
    incidents.length === 0 ? 'none' : incidents.map(({ text }) => text).join('; '),
  rollback: describeRollback,
  applied: ({ applied }) => (applied.length === 0 ? 'nothing' : applied.join(', ')),
  started: ({ startedAt }) => startedAt,
  submitted_by: ({ submittedBy }) => submittedBy,
  elapsed: ({ startedAt, endedAt }, at) => elapsed(startedAt, endedAt, new Date(at)),
  downtime: ({ downtime }, at) => describeDowntime(downtime, at),
  time: (_view, at) => at,
} as const satisfies Readonly<Record<string, Describe>>;

export type FigureName = keyof typeof FIGURES;

/** Other names of the same, as strategies write them; case, spaces, "_" and "-" do not count. */
const ALIASES: Readonly<Record<FigureName, readonly string[]>> = {
  run: ['run id', 'migration id', 'id'],
  migration: ['migration name', 'name', 'project', 'strategy'],
  version: ['strategy version', 'migration version'],
  status: ['state', 'overall status', 'migration status', 'current status'],
  reason: ['details', 'detail'],
  progress: [
    'migration progress',
    'overall progress',
    'percent complete',
    'percentage complete',
    'completion',
    'completion rate',
    'completion percentage',
    'steps completed',
    'completed steps',
    'phase completion',
  ],
  phase: ['phase name', 'current phase', 'phase id'],
  step: ['step name', 'current step', 'step id', 'in progress'],
  next: ['next step', 'next steps', 'upcoming', 'next action'],
  waits_for: ['waiting for', 'approver', 'approvers', 'pending approvals', 'blockers', 'blocked by'],
  decisions: ['open decisions', 'pending decisions', 'number of open decisions'],
  incidents: ['issues', 'open issues', 'open incidents', 'active incidents'],
  rollback: ['rollback status', 'rollback available', 'rollback availability', 'way back'],
  applied: ['applied steps', 'changes applied'],
  started: ['start', 'start time', 'started at'],
  submitted_by: ['submitter', 'started by'],
  elapsed: ['elapsed time', 'time elapsed', 'duration', 'duration so far'],
  downtime: ['downtime so far', 'total downtime', 'service downtime'],
  time: ['timestamp', 'date', 'now', 'current time'],
};

const BY_SPELLING: ReadonlyMap<string, FigureName> = new Map(
  figureNames().flatMap((name) =>
    [name, ...ALIASES[name]].map((spelling): [string, FigureName] => [fold(spelling), name]),
  ),
);

/** Every name, in the order of the documentation. */
export function figureNames(): readonly FigureName[] {
  return Object.keys(FIGURES).filter(isFigure);
}

/** The figure of this name, however it is spelled; null when there is none. */
export function findFigure(name: string): FigureName | null {
  return BY_SPELLING.get(fold(name)) ?? null;
}

/** One line. `at`: the moment for which it is said (ISO 8601). What nobody measures says so. */
export function describeFigure(name: string, view: MigrationView, at: string): string {
  return isFigure(name) ? FIGURES[name](view, at) : 'not measured';
}

/** How many steps are done, of how many. */
export function stepsDone({ phases }: Pick<MigrationView, 'phases'>): {
  readonly done: number;
  readonly all: number;
} {
  const counts = phases.map(progressOf);
  return {
    done: counts.reduce((sum, count) => sum + count.done, 0),
    all: counts.reduce((sum, count) => sum + count.all, 0),
  };
}

const BUSY: ReadonlySet<StepStatus> = new Set([
  'waiting',
  'running',
  'validating',
  'soaking',
  'rolling_back',
  'rollback_failed',
  'failed',
]);

function describePhase({ phases }: MigrationView): string {
  const index = phases.findIndex(isOpen);
  const phase = phases[index];
  if (phase === undefined)
    return phases.length === 0 ? 'no phase' : `all ${phases.length} phases are completed`;
  return `${phase.name} (${index + 1} of ${phases.length})`;
}

function isOpen({ status }: PhaseView): boolean {
  return status !== 'completed';
}

function describeRollback({ wayBack, endedAt }: MigrationView): string {
  if (endedAt !== null) return 'The run has ended.';
  return wayBack.some(({ irreversible }) => irreversible)
    ? 'A rollback passes a point of no return.'
    : 'A rollback is possible at any time.';
}

function stepsOf({ phases }: MigrationView): readonly StepView[] {
  return phases.flatMap(({ steps }) => steps);
}

function named(steps: readonly StepView[]): string | null {
  return steps.length === 0 ? null : steps.map(({ id, name }) => `${id} (${name})`).join(', ');
}

function isFigure(name: string): name is FigureName {
  return Object.hasOwn(FIGURES, name);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
