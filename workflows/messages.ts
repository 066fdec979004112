/** What people and programs say to a run. The handlers are thin: they check, then change one thing. */
import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import { type Ballot, checkBallot, type Decision, NAME_LIMIT, tooLong } from '../strategy/run/decision.js';
import { excerpt, stepsOf } from '../strategy/run/excerpt.js';
import { stepsAfter } from '../strategy/run/ladder.js';
import {
  type Command,
  type EventsPage,
  type EventsQuery,
  type GateVote,
  QUERIES,
  REFUSED,
  SIGNALS,
  type SignalCommand,
  type SignalRollback,
  type StepsQuery,
  UPDATES,
} from '../strategy/run/messages.js';
import type { MigrationView, StepView } from '../strategy/run/view.js';
import type { Run, StoppingCommand } from './run.js';

const decide = defineUpdate<void, [Ballot]>(UPDATES.decide);
const command = defineUpdate<void, [Command]>(UPDATES.command);
const view = defineQuery<MigrationView>(QUERIES.view);
const decisions = defineQuery<readonly Decision[]>(QUERIES.decisions);
const steps = defineQuery<readonly StepView[], [StepsQuery]>(QUERIES.steps);
const events = defineQuery<EventsPage, [EventsQuery?]>(QUERIES.events);

/** Sets every handler, and turns a cancellation from outside (`temporal workflow cancel`) into an abort. */
export function listen(run: Run): void {
  setHandler(decide, (ballot) => cast(run, ballotOf(ballot)), {
    validator: (ballot) => throwIfRefused(refusalOfBallot(run, ballotOf(ballot))),
  });
  setHandler(command, (wanted) => applyCommand(run, { ...wanted, ...said(wanted) }), {
    validator: (wanted) => throwIfRefused(refusalOfCommand(run, { ...wanted, ...said(wanted) })),
  });
  setHandler(view, () => excerpt(run.view));
  setHandler(steps, ({ phase, from }) => stepsOf(run.view, phase, from));
  setHandler(decisions, () => run.view.decisions);
  setHandler(events, (query) => run.page(query ?? { from: 0 }));
  listenToSignals(run);
  CancellationScope.current().cancelRequested.catch(() => {
    applyCommand(run, {
      command: 'abort',
      by: 'temporal',
      reason: 'the workflow was cancelled from outside',
    });
  });
}

function listenToSignals(run: Run): void {
  const vote = (option: string) => (given: GateVote) => {
    const id = approvalFor(run.view, text(given?.gate));
    castFromSignal(run, option, { ...said(given), decision: id, option });
  };
  setHandler(defineSignal<[GateVote]>(SIGNALS.approve), vote('approve'));
  setHandler(defineSignal<[GateVote]>(SIGNALS.reject), vote('reject'));
  setHandler(defineSignal<[Ballot]>(SIGNALS.decide), (given) =>
    castFromSignal(run, SIGNALS.decide, ballotOf(given)),
  );
  for (const name of ['pause', 'resume', 'abort'] as const) {
    setHandler(defineSignal<[SignalCommand?]>(SIGNALS[name]), (given) =>
      commandFromSignal(run, { command: name, ...said(given) }),
    );
  }
  setHandler(defineSignal<[SignalRollback?]>(SIGNALS.rollback), (given) =>
    commandFromSignal(run, {
      command: 'rollback',
      ...said(given),
      to: given?.to === undefined ? 'start' : text(given.to),
    }),
  );
}

/** Any Temporal client may send anything: what is not text counts as missing. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Who speaks and what for: an error in a handler would block the run for ever, so nothing but text gets further. */
function said(given: Partial<Ballot> | undefined): Omit<Ballot, 'decision' | 'option'> {
  const optional = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    by: text(given?.by),
    role: optional(given?.role),
    reason: optional(given?.reason),
    planHash: optional(given?.planHash),
    evidenceHash: optional(given?.evidenceHash),
    validUntil: optional(given?.validUntil),
  };
}

function ballotOf(given: Partial<Ballot> | undefined): Ballot {
  return { ...said(given), decision: text(given?.decision), option: text(given?.option) };
}

function approvalFor(view: MigrationView, gate: string): string {
  const open = view.decisions.find(
    ({ id, kind, subject }) =>
      id === gate || ((kind === 'approval' || kind === 'rollback-approval') && subject === gate),
  );
  return open?.id ?? `approval:${gate}`;
}

function castFromSignal(run: Run, message: string, ballot: Ballot): void {
  const why = refusalOfBallot(run, ballot);
  if (why === null) cast(run, ballot);
  else refuse(run, `${message} ${ballot.decision}`, ballot.by, why);
}

function commandFromSignal(run: Run, wanted: Command): void {
  const why = refusalOfCommand(run, wanted);
  if (why === null) applyCommand(run, wanted);
  else refuse(run, wanted.command, wanted.by, why);
}

/** Any client may send a megabyte: what it says is told in an excerpt, so that the record stays readable. */
function refuse(run: Run, message: string, by: string, why: string): void {
  run.emit({ type: 'message-refused', message: clipped(message), by: clipped(by), why: clipped(why, 1_000) });
}

function clipped(said: string, limit = NAME_LIMIT): string {
  return said.length <= limit ? said : `${said.slice(0, limit)} ...`;
}

function refusalOfBallot(run: Run, ballot: Ballot): string | null {
  const decision = run.view.decisions.find(({ id }) => id === ballot.decision);
  if (decision === undefined) {
    const open = run.view.decisions.map(({ id }) => id);
    return `There is no open decision "${ballot.decision}". ${open.length === 0 ? 'Nothing is to be decided now.' : `Open now: ${open.join(', ')}.`}`;
  }
  const check = checkBallot(decision, ballot, run.electorate);
  return check.accepted ? null : check.why;
}

function cast(run: Run, ballot: Ballot): void {
  const decision = run.view.decisions.find(({ id }) => id === ballot.decision);
  if (decision === undefined) return;
  const check = checkBallot(decision, ballot, run.electorate);
  if (!check.accepted) return;
  run.emit({
    type: 'vote-cast',
    decision: decision.id,
    vote: { ...check.vote, at: new Date().toISOString() },
  });
}

function refusalOfCommand(run: Run, wanted: Command): string | null {
  if (run.ended) return `This run has ended (${run.view.status}).`;
  if (text(wanted.by).trim() === '') return 'A command needs a name. Say who sends it (--as NAME).';
  const long = tooLong(wanted);
  if (long !== null) return long;
  switch (wanted.command) {
    case 'pause':
      return run.view.pausedBy === null ? null : `This run is already paused by ${run.view.pausedBy}.`;
    case 'resume':
      return run.view.pausedBy === null ? 'This run is not paused.' : null;
    case 'abort':
      return null;
    case 'rollback':
      return refusalOfRollback(run.view, wanted.to);
    default:
      return `There is no such command. Known: pause, resume, abort, rollback.`;
  }
}

function refusalOfRollback(view: MigrationView, to: string): string | null {
  const places = stepsAfter(to, view.phases);
  if (places === null) {
    return `This strategy has no phase or step "${to}". Say a phase, a step, or "start".`;
  }
  if (
    view.rollback !== null &&
    (stepsAfter(view.rollback.landing, view.phases)?.length ?? 0) >= places.length
  ) {
    return `A rollback to ${view.rollback.landing} is already under way, which takes back as much or more.`;
  }
  const touched = new Set(
    view.phases.flatMap((phase) =>
      phase.steps.filter(({ status }) => status !== 'pending').map(({ id }) => id),
    ),
  );
  return places.some(({ step }) => touched.has(step))
    ? null
    : `Nothing after "${to}" was begun, so there is nothing to roll back.`;
}

function applyCommand(run: Run, wanted: Command): void {
  const reason = wanted.reason ?? null;
  switch (wanted.command) {
    case 'pause':
      run.emit({ type: 'paused', by: wanted.by, reason });
      break;
    case 'resume':
      run.emit({ type: 'resumed', by: wanted.by, reason });
      break;
    case 'abort':
      run.emit({ type: 'command-accepted', command: 'abort', by: wanted.by, to: null, reason });
      // Said twice, it is not to wait for the undo under way.
      if (run.command?.command === 'abort') run.force();
      stopAtOnce(run, wanted);
      break;
    case 'rollback':
      run.emit({ type: 'command-accepted', command: 'rollback', by: wanted.by, to: wanted.to, reason });
      stopAtOnce(run, wanted);
      break;
    default:
      wanted satisfies never;
  }
}

/** Whoever wants the way back does not want it to wait for somebody to resume a paused run. */
function stopAtOnce(run: Run, command: StoppingCommand): void {
  if (run.view.pausedBy !== null)
    run.emit({ type: 'resumed', by: command.by, reason: `requested: ${command.command}` });
  run.requestStop(command);
}

function throwIfRefused(why: string | null): void {
  if (why !== null) throw ApplicationFailure.nonRetryable(why, REFUSED);
}
