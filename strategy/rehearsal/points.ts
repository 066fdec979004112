/** The points of a plan at which a rehearsal lets something go wrong, one trial each. */
import { isMachineAction, titleOf } from '../kinds/effects/index.js';
import type { Level, Plan, PlannedPhase, PlannedStep } from '../plan.js';

/** How an action fails. */
export type Injury = 'before' | 'killed' | 'after' | 'timed-out';

export type Point =
  /** Nothing goes wrong. */
  | { readonly kind: 'straight' }
  | { readonly kind: 'action'; readonly step: string; readonly index: number; readonly injury: Injury }
  /** The step fails after its last action, and its undo is carried out twice. */
  | { readonly kind: 'undo-twice'; readonly step: string; readonly index: number }
  | { readonly kind: 'gate'; readonly gate: string; readonly phase: string }
  /** As `level`, while the last action of a phase that declares a rollback point ends. */
  | {
      readonly kind: 'rollback-point';
      readonly phase: string;
      readonly step: string;
      readonly index: number;
      readonly landing: string;
      /** The test dataset that the strategy names for it. */
      readonly test: string | null;
    }
  /** A person commands it while the last action of the plan ends; the run then goes forward again and back to the start. */
  | {
      readonly kind: 'level';
      readonly level: Level;
      readonly step: string;
      readonly index: number;
      readonly landing: string;
    };

const INJURIES: readonly Injury[] = ['before', 'killed', 'after', 'timed-out'];

/** In the order of the run; straight through comes first, because it measures how long each action takes. */
export function pointsOf(plan: Plan): readonly Point[] {
  const points: Point[] = [{ kind: 'straight' }];
  for (const [place, phase] of plan.phases.entries()) {
    const { id, steps, gate, gates = [] } = phase;
    const signed = gates.filter(({ approval }) => approval !== null);
    for (const step of steps) points.push(...pointsOfStep(step));
    points.push(...signed.map((placed): Point => ({ kind: 'gate', gate: placed.id, phase: id })));
    if (gate !== null) points.push({ kind: 'gate', gate: gate.id, phase: id });
    points.push(...rollbackPointOf(phase, plan.phases[place - 1]?.id ?? 'start'));
  }
  return [...points, ...pointsOfLevels(plan)];
}

function pointsOfStep(step: PlannedStep): readonly Point[] {
  const indexes = machineActions(step);
  const points = indexes.flatMap((index) =>
    INJURIES.map((injury): Point => ({ kind: 'action', step: step.id, index, injury })),
  );
  const last = indexes.at(-1);
  const undone = step.undo.kind === 'actions' && step.undo.actions.some(isMachineAction);
  return last === undefined || !undone
    ? points
    : [...points, { kind: 'undo-twice', step: step.id, index: last }];
}

/** From the end of the phase to its beginning. */
function rollbackPointOf(
  { id: phase, steps, rollbackPoint }: PlannedPhase,
  landing: string,
): readonly Point[] {
  if (rollbackPoint === undefined) return [];
  const last = steps.findLast((step) => machineActions(step).length > 0);
  const index = last === undefined ? undefined : machineActions(last).at(-1);
  if (last === undefined || index === undefined) return [];
  return [{ kind: 'rollback-point', phase, step: last.id, index, landing, test: rollbackPoint.test }];
}

/** A level is reached from the last action of the plan, where there is most to undo. */
function pointsOfLevels(plan: Plan): readonly Point[] {
  const places = plan.phases.flatMap(({ steps }, phase) =>
    steps.map((step, place) => ({ phase, place, step, index: machineActions(step).at(-1) })),
  );
  const last = places.findLast(({ index }) => index !== undefined);
  if (last?.index === undefined) return [];
  const { index, step, phase, place } = last;
  const before = plan.phases[phase - 1]?.id ?? 'start';
  const landings: Readonly<Record<Level, string>> = {
    step: plan.phases[phase]?.steps[place - 1]?.id ?? before,
    phase: before,
    full: 'start',
  };
  return plan.levels.map(({ level }) => ({
    kind: 'level',
    level,
    step: step.id,
    index,
    landing: landings[level],
  }));
}

function machineActions({ actions }: PlannedStep): readonly number[] {
  return [...actions.entries()].flatMap(([index, action]) => (isMachineAction(action) ? [index] : []));
}

/** Short and stable: the name of a trial in tables, files and `--json`. */
export function pointId(point: Point): string {
  switch (point.kind) {
    case 'straight':
      return 'straight';
    case 'action':
      return `${point.step}.${point.index + 1}.${point.injury}`;
    case 'undo-twice':
      return `${point.step}.undo-twice`;
    case 'gate':
      return `${point.gate}.rejected`;
    case 'rollback-point':
      return `${point.phase}.rollback-point`;
    case 'level':
      return `level.${point.level}`;
    default:
      return point satisfies never;
  }
}

const INJURED: Readonly<Record<Injury, string>> = {
  before: 'fails before',
  killed: 'killed half-way through',
  after: 'fails after',
  'timed-out': 'times out during',
};

/** One line for people. */
export function describePoint(point: Point, plan: Plan): string {
  switch (point.kind) {
    case 'straight':
      return 'straight through, nothing fails';
    case 'action': {
      const action = stepOf(plan, point.step)?.actions[point.index];
      return `${point.step} ${INJURED[point.injury]} "${action === undefined ? '' : titleOf(action)}"`;
    }
    case 'undo-twice':
      return `${point.step} fails after its last action, and its undo runs twice`;
    case 'gate':
      return `${point.gate} is rejected`;
    case 'rollback-point':
      return `${point.phase} is rolled back from its end${thenBack(point.landing)}`;
    case 'level':
      return `a ${point.level} rollback is commanded at the end${thenBack(point.landing)}`;
    default:
      return point satisfies never;
  }
}

function thenBack(landing: string): string {
  return landing === 'start' ? '' : ', then forward again, then back to the start';
}

/** The points of one step, and of the gate or the rollback point of the phase of this name; straight through stays, because it measures. */
export function onlyAt(points: readonly Point[], only: string): readonly Point[] {
  return points.filter(
    (point) =>
      point.kind === 'straight' ||
      (point.kind === 'gate' && point.gate === only) ||
      (point.kind === 'rollback-point' && point.phase === only) ||
      ('step' in point && point.step === only),
  );
}

function stepOf(plan: Plan, id: string): PlannedStep | undefined {
  return plan.phases.flatMap(({ steps }) => steps).find((step) => step.id === id);
}
