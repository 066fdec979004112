/** A plan as text: what will happen, and the way back. */

import { describeFreeze, describeTimetable, describeWindow } from '../calendar/describe.js';
import { describeAction, linesOf } from '../kinds/effects/index.js';
import { oneLine } from '../kinds/text.js';
import type {
  Approval,
  Authority,
  Constraint,
  Plan,
  PlannedGate,
  PlannedLevel,
  PlannedPhase,
  PlannedRisk,
  PlannedStep,
  Requirement,
  UsedItem,
  ValidationGate,
  Watch,
  WatchCondition,
} from '../plan.js';
import { describeRoles } from '../run/electorate.js';
import { gatesAfter } from '../run/gates.js';
import { describeAfterwards } from './afterwards.js';
import { describeArchive } from './archive.js';
import { describeDashboards } from './dashboards.js';
import { describeDowntimeLimit, describeStepDowntime } from './downtime.js';
import { describeDuration } from './duration.js';
import { describeLocks } from './locks.js';
import { describeProbe, describeRequirement } from './requirement.js';
import { describeTimelineOf } from './timeline.js';
import { describeToldOf } from './told.js';
import { describeUndo } from './undo.js';

/** Lines end with "\n", the last one too. Nothing in it depends on the terminal or the clock. */
export function renderPlan(plan: Plan): string {
  const steps = plan.phases.reduce((sum, phase) => sum + phase.steps.length, 0);
  const common = watchedEverywhere(plan);
  const lines = [
    `${plan.strategy.name} ${plan.strategy.version}`,
    `plan ${plan.hash.slice(0, 12)}: ${count(plan.phases.length, 'phase')}, ${count(steps, 'step')}`,
    ...block('Before the first phase', [
      ...plan.prerequisites.flatMap(({ id, name, owner, requirements }) => [
        `${id} ${name}${owner === null ? '' : ` (${owner})`}`,
        ...indent(requirements.map(describeRequirement)),
      ]),
      ...plan.constraints.map(describeConstraint),
      ...describeDowntimeLimit(plan.downtime),
      ...describeLocks(plan.locks),
      ...describeArchive(plan.bindings.archive),
    ]),
    ...block('Watched in every step', common.map(describeCondition)),
    ...plan.phases.flatMap((phase, index) =>
      renderPhase(phase, index, new Set(common.map(describeCondition)), plan.risks ?? []),
    ),
    ...block('Completion', [
      ...plan.completion.requirements.map(describeRequirement),
      ...approvalLines(plan.completion.approval),
    ]),
    ...block('After the completion', describeAfterwards(plan.afterwards)),
    ...block('Timeline', describeTimelineOf(plan)),
    ...block('Dashboards', describeDashboards(plan.dashboards)),
    ...block('If it fails', [...plan.levels.flatMap(renderLevel), ...pointsOfNoReturn(plan)]),
    ...block('Who is told', describeToldOf(plan).map(oneLine)),
    ...block('Who may command it', renderAuthority(plan)),
    ...block('Who is asked instead', renderPeople(plan)),
  ];
  return `${lines.join('\n')}\n`;
}

function renderPhase(
  phase: PlannedPhase,
  index: number,
  common: ReadonlySet<string>,
  risks: readonly PlannedRisk[],
): string[] {
  return block(`Phase ${index + 1}: ${phase.id} ${phase.name}`, [
    ...risks.filter(({ phases }) => phases.includes(phase.id)).flatMap(renderRisk),
    ...labelled('starts when', phase.startConditions),
    ...gatesAfter(phase, null).flatMap(renderGate),
    ...phase.steps.flatMap((step) => [
      ...renderStep(
        step,
        common,
        risks.filter(({ steps }) => steps.includes(step.id)),
      ),
      ...gatesAfter(phase, step.id).flatMap(renderGate),
    ]),
    ...(phase.gate === null ? [] : renderGate(phase.gate)),
  ]);
}

function renderRisk({ id, text, measures }: PlannedRisk): string[] {
  return [
    `risk     ${id}: ${oneLine(text)}`,
    ...measures.map((measure) => `${' '.repeat(9)}  ${oneLine(measure)}`),
  ];
}

function renderStep(step: PlannedStep, common: ReadonlySet<string>, risks: readonly PlannedRisk[]): string[] {
  const responsible = step.responsible === null ? '' : ` (${step.responsible})`;
  return [
    `${step.id} ${step.name}${responsible}`,
    ...indent([
      ...(step.uses ?? []).flatMap(renderUsed),
      ...risks.flatMap(renderRisk),
      ...labelled('only if', step.conditions),
      ...(step.downtime === undefined ? [] : [`down     ${describeStepDowntime(step.downtime)}`]),
      ...(step.windows ?? []).map((window) => `acts     ${describeConstraint(window)}`),
      ...step.actions.flatMap((action) =>
        linesOf(action).map((line, index) => `${(index === 0 ? 'does' : '').padEnd(8)} ${line}`),
      ),
      ...(step.actions.length === 0 ? ['does     nothing: it only checks'] : []),
      ...labelled('checks', step.checks),
      ...(step.watch === null ? [] : renderWatch(step.watch, common)),
      ...(step.soakMs > 0 ? [`soaks    ${describeDuration(step.soakMs)}`] : []),
      ...settings(step),
      `back     ${describeUndo(step.undo)}`,
      ...(step.undo.kind === 'actions' ? labelled('then', step.undo.checks) : []),
    ]),
  ];
}

/** All that the strategy says of an item, so that reviewers need not look it up. */
function renderUsed({ id, kind, texts }: UsedItem): string[] {
  return [`uses     ${kind} ${id}`, ...texts.map((text) => `${' '.repeat(9)}  ${oneLine(text)}`)];
}

function settings(step: PlannedStep): string[] {
  const { attempts, delayMs } = step.retry;
  const limits = [
    `at most ${describeDuration(step.timeoutMs)} per action`,
    ...(attempts > 1 ? [`${attempts} attempts, ${describeDuration(delayMs)} apart`] : []),
    ...(step.idempotent ? ['may be run again when its outcome is unknown'] : []),
  ];
  return [`limits   ${limits.join('; ')}`];
}

function renderWatch(watch: Watch, common: ReadonlySet<string>): string[] {
  const own = watch.conditions.map(describeCondition).filter((line) => !common.has(line));
  return [
    ...own.map((line) => `watches  ${line}`),
    ...(watch.metrics.length > 0 ? [`shows    ${watch.metrics.join(', ')}`] : []),
  ];
}

function describeCondition(condition: WatchCondition): string {
  const { text, probe, level, onFire } = condition;
  const fails = level === null ? 'fails the step' : `picks the ${level} rollback`;
  const what = onFire === 'notify' ? 'alerts, and the step continues' : fails;
  // It watches for what must not be: that a check fails.
  const { inverted, ...straight } = probe;
  const [watched, then] = inverted === true ? [straight, `a failure ${what}`] : [probe, what];
  return `${oneLine(text)}  [${describeProbe(watched)}${describePace(condition)}; ${then}]`;
}

function describePace({ everyMs, timetable }: WatchCondition): string {
  if (timetable !== undefined) return `, ${describeTimetable(timetable)}`;
  if (everyMs === undefined) return '';
  return everyMs === 0 ? ', all the time' : `, every ${describeDuration(everyMs)}`;
}

/** The conditions that all steps share: told once, when there is more than one step to tell them for. */
function watchedEverywhere(plan: Plan): readonly WatchCondition[] {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  const [first, ...others] = steps.map((step) => step.watch?.conditions ?? []);
  if (first === undefined || others.length === 0) return [];
  const sets = others.map((conditions) => new Set(conditions.map(describeCondition)));
  return first.filter((condition) => sets.every((set) => set.has(describeCondition(condition))));
}

function renderGate(gate: PlannedGate | ValidationGate): string[] {
  const escalation = 'escalation' in gate ? gate.escalation : undefined;
  return [
    `${gate.id} ${gate.name} (gate)`,
    ...indent([
      ...labelled('holds if', gate.requirements),
      ...approvalLines(gate.approval),
      `if not   ${FAILURES[gate.failureResponse]}`,
      ...(escalation === undefined ? [] : [`escalate ${oneLine(escalation.text)}`]),
    ]),
  ];
}

const FAILURES: Readonly<Record<PlannedGate['failureResponse'], string>> = {
  block: 'a person decides; until then the run waits',
  manual_decision: 'a person decides',
  rollback: 'rolls back at once',
};

function renderLevel(level: PlannedLevel): string[] {
  const decided = level.approvalRequired ? `, after ${level.responsible ?? 'anyone'} approves` : '';
  return [
    `${level.level} rollback${decided}: ${oneLine(level.description)}`,
    ...indent([
      ...labelled('fires if', level.triggers),
      ...level.actions.map(
        (action) => `covers   ${describeAction(action)} (steps without an undo of their own)`,
      ),
      ...level.manualSteps.map((text) => `by hand  ${oneLine(text)}`),
      ...labelled('then', level.checks),
    ]),
  ];
}

/** One line for all commands that the same roles may give. */
function renderAuthority({ authority, bindings }: Plan): string[] {
  const commands = new Map<string, string[]>();
  for (const [command, label] of COMMANDS) {
    const who = describeRoles(authority[command], bindings.roles) || 'anyone: the strategy names no roles';
    commands.set(who, [...(commands.get(who) ?? []), label]);
  }
  return [...commands].map(([who, labels]) => `${labels.join(', ')}: ${who}`);
}

/** Who stands in for whom, and who is asked when a role does not answer. */
function renderPeople({ delegations = [], escalation = {} }: Plan): string[] {
  return [
    ...delegations.map(({ from, to, since, until, roles }) => {
      const when = `${since === null ? '' : `from ${since} `}until ${until}`;
      return `${to} for ${from}, ${when}${roles === null ? '' : `: ${roles.join(', ')}`}`;
    }),
    ...Object.entries(escalation).map(([role, { remindMs, afterMs, to }]) => {
      const parts = [
        ...(remindMs === null ? [] : [`reminded every ${describeDuration(remindMs)}`]),
        ...(afterMs === null ? [] : [`has ${describeDuration(afterMs)} to answer`]),
        ...(to === null ? [] : [`then "${to}" is asked too`]),
      ];
      return `"${role}": ${parts.join(', ')}`;
    }),
  ];
}

const COMMANDS: readonly (readonly [keyof Authority, string])[] = [
  ['rollback', 'roll back'],
  ['abort', 'abort'],
  ['pause', 'pause and resume'],
  ['override', 'override a window'],
];

function pointsOfNoReturn(plan: Plan): string[] {
  const ids = plan.phases.flatMap(({ id, pointOfNoReturn, steps }) => [
    ...steps.filter(({ undo }) => undo.kind === 'impossible').map((step) => step.id),
    ...(pointOfNoReturn ? [`${id} (the whole phase)`] : []),
  ]);
  return ids.length === 0 ? [] : [`points of no return: ${ids.join(', ')}`];
}

function approvalLines(approval: Approval | null): string[] {
  return approval === null ? [] : [`approval ${approval.approvers.join(' and ') || 'by anyone'}`];
}

function describeConstraint(constraint: Constraint): string {
  switch (constraint.kind) {
    case 'window':
      return `only within ${constraint.text}  [${describeWindow(constraint.window)}]`;
    case 'freeze':
      return `${constraint.text}  [not from ${describeFreeze(constraint.freeze)}]`;
    case 'person':
      return `${constraint.text}  [asked]`;
  }
}

/** The first line carries the label, the others stand below it. */
function labelled(label: string, requirements: readonly Requirement[]): string[] {
  return requirements.map(
    (requirement, index) => `${(index === 0 ? label : '').padEnd(8)} ${describeRequirement(requirement)}`,
  );
}

function block(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...indent(lines)];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
