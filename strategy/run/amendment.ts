/**
 * Amendments: a live run takes a corrected plan. What was carried out stays as it was planned, and so does who decides;
 * everything ahead may change, with the approval of the gates that it concerns. Pure.
 */
import { canonicalJson } from '../hash.js';
import type { Plan, PlannedPhase, PlannedStep } from '../plan.js';
import { gatesOf } from './gates.js';
import type { MigrationView, StepStatus, StepView } from './view.js';

export interface Amendment {
  /** What differs, one entry per part, such as `step STEP-2-1 changes`. */
  readonly changes: readonly string[];
  /** The roles that must approve, of the plan before and after; empty when no gate concerned asks for approval. */
  readonly approvers: readonly string[];
}

/** What the amendment comes to, or why the run cannot take it. */
export function amendmentOf(
  before: Plan,
  after: Plan,
  view: MigrationView,
): Amendment | { readonly why: string } {
  const why = refusalOfState(view) ?? refusalOfPlan(before, after, view);
  if (why !== null) return { why };
  const changes = changesBetween(before, after);
  return { changes, approvers: approversOf(before, after, view) };
}

/** Why a run cannot take any amendment now; null when it can. */
function refusalOfState(view: MigrationView): string | null {
  const { run, status } = view;
  if (view.rollback !== null) return 'A rollback is under way. Amend the run once it has landed.';
  const steps = view.phases.flatMap((phase) => phase.steps);
  const busy = steps.find((step) => UNDER_WAY.has(step.status));
  if (busy !== undefined) {
    return `${busy.id} is under way. Amend the run when that step has ended, or roll it back first.`;
  }
  const broken = steps.find((step) => step.status === 'rollback_failed');
  if (broken !== undefined) {
    return `The undo of ${broken.id} was given up, so nobody can tell what is applied. Roll back further, or start a new run.`;
  }
  return status === 'waiting' || status === 'paused'
    ? null
    : `Only a waiting or paused run can be amended, and this one is ${status}. Pause it first: sluice pause ${run}.`;
}

const UNDER_WAY: ReadonlySet<StepStatus> = new Set(['running', 'validating', 'soaking', 'rolling_back']);

function refusalOfPlan(before: Plan, after: Plan, view: MigrationView): string | null {
  if (before.hash === after.hash) return 'The run already executes this plan: nothing has changed.';
  const decides = whoDecides(before) === whoDecides(after);
  if (!decides) {
    return 'An amendment cannot change who decides: roles, groups, authority, delegations, escalation, forbidSelfApproval and identity of the bindings must stay. Start a new run for that.';
  }
  if (!same(before.locks, after.locks)) {
    return 'An amendment cannot change the locks of a run: systems_affected, and locks of the bindings, must stay. Start a new run for that.';
  }
  const verified = view.prerequisites.find(
    ({ id, status }) =>
      status !== 'pending' && !same(byId(before.prerequisites, id), byId(after.prerequisites, id)),
  );
  if (verified !== undefined)
    return `The prerequisite ${verified.id} was evaluated, so it must stay as it is.`;
  return refusalOfApplied(before, after, view);
}

function whoDecides(plan: Plan): string {
  const { authority, delegations, escalation, bindings } = plan;
  const { roles, forbidSelfApproval, identity } = bindings;
  return canonicalJson({ authority, delegations, escalation, roles, forbidSelfApproval, identity });
}

/** What was carried out is a beginning of the plan, and that beginning must be the same in both. */
function refusalOfApplied(before: Plan, after: Plan, view: MigrationView): string | null {
  const reached = view.phases.findLastIndex((phase) => phase.steps.some((step) => isTouched(step, view)));
  if (reached === -1) return null;
  const { connections, environment } = before.bindings;
  if (!same({ connections, environment }, pick(after))) {
    return 'Steps are applied, so the connections and the environment of the bindings must stay: their undo needs them.';
  }
  for (const [index, phase] of before.phases.slice(0, reached + 1).entries()) {
    const now = after.phases[index];
    if (now?.id !== phase.id) return `${phase.id} was carried out, so it must stay in its place.`;
    const seen = view.phases[index];
    const over = index < reached || seen?.gate?.status === 'passed' || seen?.status === 'completed';
    const last = seen?.steps.findLastIndex((step) => isTouched(step, view)) ?? -1;
    const steps = over ? Math.max(phase.steps.length, now.steps.length) : last + 1;
    for (let place = 0; place < steps; place += 1) {
      if (same(executed(phase.steps[place]), executed(now.steps[place]))) continue;
      const id = phase.steps[place]?.id ?? now.steps[place]?.id;
      return `${id} is applied, or stands before what is applied in ${phase.id}. It must stay as it is: roll it back first to change it.`;
    }
    if (!same(frameOf(phase), frameOf(now)))
      return `${phase.id} has begun, so its name and start conditions must stay.`;
    if (over && !same(gatesOf(phase), gatesOf(now)))
      return `${phase.id} is over, so its gates must stay as they are.`;
    const passed = seen?.gates?.find(
      ({ id, status }) =>
        status === 'passed' && !same(byId(phase.gates ?? [], id), byId(now.gates ?? [], id)),
    );
    if (passed !== undefined) return `The gate ${passed.id} is passed, so it must stay as it is.`;
  }
  return null;
}

/** A step without what is only shown. */
function executed(step: PlannedStep | undefined): object | null {
  if (step === undefined) return null;
  const { estimate: _shown, ...rest } = step;
  return rest;
}

function pick({ bindings: { connections, environment } }: Plan): object {
  return { connections, environment };
}

/** A step that was begun and not undone since. */
function isTouched({ id, status }: StepView, { applied }: MigrationView): boolean {
  return applied.includes(id) || (status !== 'pending' && status !== 'rolled_back');
}

function frameOf({ steps: _steps, gate: _gate, gates: _gates, ...frame }: PlannedPhase): object {
  return frame;
}

function byId<T extends { readonly id: string }>(all: readonly T[], id: string): T | undefined {
  return all.find((each) => each.id === id);
}

function same(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function changesBetween(before: Plan, after: Plan): readonly string[] {
  const old = partsOf(before);
  const now = partsOf(after);
  const gone = [...old.keys()].filter((part) => !now.has(part)).map((part) => `${part} is removed`);
  const rest = [...now].flatMap(([part, text]) => {
    const known = old.get(part);
    if (known === undefined) return [`${part} is added`];
    return known === text ? [] : [`${part} changes`];
  });
  return [...gone, ...rest];
}

/** The parts that a person would name, and what each says. */
function partsOf(plan: Plan): ReadonlyMap<string, string> {
  const { hash, strategy, bindings, prerequisites, phases, completion, levels, ...rest } = plan;
  const parts: [string, unknown][] = [
    ['the name or version', strategy],
    ['the order of the phases', phases.map(({ id }) => id)],
    ...Object.entries(rest),
    ...Object.entries(bindings).map(([name, value]): [string, unknown] => [`bindings: ${name}`, value]),
    ...prerequisites.map((each): [string, unknown] => [`prerequisite ${each.id}`, each]),
    ...phases.flatMap((phase): [string, unknown][] => [
      [`phase ${phase.id}`, { ...frameOf(phase), steps: phase.steps.map(({ id }) => id) }],
      ...phase.steps.map((step): [string, unknown] => [`step ${step.id}`, step]),
      ...gatesOf(phase).map((gate): [string, unknown] => [`gate ${gate.id}`, gate]),
    ]),
    ['completion', completion],
    ...levels.map((level): [string, unknown] => [`rollback level ${level.level}`, level]),
  ];
  return new Map(parts.map(([part, value]) => [part, canonicalJson(value)]));
}

/**
 * A change within a phase is for the approvers of its gate, as it was and as it will be: nobody takes a gate away alone.
 * Any other change concerns every gate ahead, and the completion.
 */
function approversOf(before: Plan, after: Plan, view: MigrationView): readonly string[] {
  const elsewhere = !same(withoutPhases(before), withoutPhases(after));
  const passed = new Set(view.phases.filter(({ gate }) => gate?.status === 'passed').map(({ id }) => id));
  const concerned = (plan: Plan, other: Plan) =>
    plan.phases.filter(
      (phase) => !passed.has(phase.id) && (elsewhere || !same(phase, byId(other.phases, phase.id))),
    );
  const approvals = [
    ...[...concerned(before, after), ...concerned(after, before)]
      .flatMap((phase) => gatesOf(phase))
      .map(({ approval }) => approval),
    ...(elsewhere ? [before.completion.approval, after.completion.approval] : []),
  ];
  return [...new Set(approvals.flatMap((approval) => approval?.approvers ?? []))];
}

function withoutPhases({ hash, phases, ...rest }: Plan): object {
  return { ...rest, phases: phases.map(({ id }) => id) };
}
