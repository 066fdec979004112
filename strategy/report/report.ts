/** RunEvent[] -> Report: what an auditor asks of a run, computed from its record and nothing else. JSON-plain. */
import type { RollbackTest } from '../rehearsal/result.js';
import { applyEvent, initialView } from '../run/apply.js';
import type { Decision, Option } from '../run/decision.js';
import type { RunEvent, RunStarted } from '../run/event.js';
import type { MigrationView, RollbackView } from '../run/view.js';

export interface Report {
  readonly format: 1;
  /** The state at the last event. */
  readonly view: MigrationView;
  /** How long each step took, by its id; a step that never started is not there. */
  readonly times: Readonly<Record<string, StepTimes>>;
  /** In the order in which they were carried out. */
  readonly actions: readonly ReportedAction[];
  readonly decisions: readonly ReportedDecision[];
  readonly rollbacks: readonly ReportedRollback[];
  /** What people commanded, paused, resumed and amended. */
  readonly commands: readonly Extract<RunEvent, { type: CommandEvent }>[];
  /** Votes and commands that changed nothing. */
  readonly refused: readonly Extract<RunEvent, { type: 'message-refused' }>[];
  readonly alerts: readonly Extract<RunEvent, { type: 'alert' | 'alert-recovered' }>[];
  /** Everything above comes from these. */
  readonly events: readonly RunEvent[];
  /** How far the record was written out when the report was made; null when that is not known here. */
  readonly record: { readonly count: number; readonly head: string } | null;
  /** What rehearsals of the run's plan found, as far as they were made here. */
  readonly rehearsals: readonly RollbackTest[];
}

type CommandEvent = 'command-accepted' | 'paused' | 'resumed' | 'amendment-requested' | 'plan-amended';

function isCommand(event: RunEvent): event is Extract<RunEvent, { type: CommandEvent }> {
  switch (event.type) {
    case 'command-accepted':
    case 'paused':
    case 'resumed':
    case 'amendment-requested':
    case 'plan-amended':
      return true;
    default:
      return false;
  }
}

/** Milliseconds from a step's first start to its latest end, apart by whether the run waited for people meanwhile. */
export interface StepTimes {
  readonly worked: number;
  readonly waited: number;
}

export type ReportedAction = Extract<RunEvent, { type: 'action-finished' }>;

export interface ReportedDecision {
  /** As it was when it closed, or is now: with its votes and the evidence that its voters saw. */
  readonly decision: Decision;
  /** Null while it is open. */
  readonly closedAt: string | null;
  readonly option: Option | null;
  /** Why it closed as it did. */
  readonly outcome: string | null;
  /** True when people overrode what the machine saw. */
  readonly override: boolean;
}

export interface ReportedRollback extends RollbackView {
  readonly startedAt: string;
  /** Null when it did not come to its end. */
  readonly finishedAt: string | null;
  /** Each undo that ended, in order; a step whose undo failed may be there again. */
  readonly undos: readonly {
    readonly at: string;
    readonly step: string;
    readonly done: boolean;
    readonly reason: string;
  }[];
}

/** The report on these events, which begin with the first of the run. */
export function reportOf(
  run: string,
  events: readonly [RunStarted, ...RunEvent[]],
  { record = null, rehearsals = [] }: Partial<Pick<Report, 'record' | 'rehearsals'>> = {},
): Report {
  const clock = new StepClock();
  const decisions = new Map<string, ReportedDecision>();
  const rollbacks: ReportedRollback[] = [];
  let view = initialView(run, events[0]);
  for (const event of events) {
    view = applyEvent(view, event);
    clock.apply(event, view);
    addDecision(decisions, event, view);
    addRollback(rollbacks, event);
  }
  return {
    format: 1,
    view,
    times: clock.times(view),
    actions: events.filter((event) => event.type === 'action-finished'),
    decisions: [...decisions.values()],
    rollbacks,
    commands: events.filter(isCommand),
    refused: events.filter((event) => event.type === 'message-refused'),
    alerts: events.filter((event) => event.type === 'alert' || event.type === 'alert-recovered'),
    events,
    record,
    rehearsals,
  };
}

/** Reads the run's own two clocks when a step starts and whenever it ends. */
class StepClock {
  private readonly started = new Map<string, StepTimes>();
  private readonly ended = new Map<string, StepTimes>();

  apply(event: RunEvent, { worked, waited }: MigrationView): void {
    switch (event.type) {
      case 'step-started':
        if (!this.started.has(event.step)) this.started.set(event.step, { worked, waited });
        this.ended.delete(event.step);
        break;
      case 'step-status':
        if (ENDED.has(event.status)) this.ended.set(event.step, { worked, waited });
        break;
      default:
    }
  }

  times(now: StepTimes): Readonly<Record<string, StepTimes>> {
    return Object.fromEntries(
      [...this.started].map(([step, from]) => {
        const until = this.ended.get(step) ?? now;
        return [step, { worked: until.worked - from.worked, waited: until.waited - from.waited }];
      }),
    );
  }
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'skipped', 'failed']);

function addDecision(
  decisions: Map<string, ReportedDecision>,
  event: RunEvent,
  view: Pick<MigrationView, 'decisions'>,
): void {
  switch (event.type) {
    case 'decision-opened': {
      const { decision } = event;
      const open = { decision, closedAt: null, option: null, outcome: null, override: false };
      decisions.set(decision.id, open);
      break;
    }
    case 'vote-cast': {
      const known = decisions.get(event.decision);
      const decision = view.decisions.find(({ id }) => id === event.decision);
      if (known !== undefined && decision !== undefined) decisions.set(decision.id, { ...known, decision });
      break;
    }
    case 'decision-closed': {
      const known = decisions.get(event.decision);
      if (known === undefined) break;
      const { option, at, reason } = event;
      const override = option !== null && known.decision.reasonFor.includes(option);
      decisions.set(event.decision, { ...known, closedAt: at, option, outcome: reason, override });
      break;
    }
    default:
  }
}

function addRollback(rollbacks: ReportedRollback[], event: RunEvent): void {
  switch (event.type) {
    case 'rollback-started': {
      const { number, level, landing, cause, by, at } = event;
      rollbacks.push({ number, level, landing, cause, by, startedAt: at, finishedAt: null, undos: [] });
      break;
    }
    case 'step-undone':
    case 'undo-failed': {
      const last = rollbacks.pop();
      if (last === undefined) break;
      const { at, step, reason } = event;
      const undo = { at, step, done: event.type === 'step-undone', reason };
      rollbacks.push({ ...last, undos: [...last.undos, undo] });
      break;
    }
    case 'rollback-finished': {
      const last = rollbacks.pop();
      if (last === undefined) break;
      rollbacks.push({ ...last, landing: event.landing, finishedAt: event.at });
      break;
    }
    default:
  }
}
