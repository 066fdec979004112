/** Votes, commands and queries of people and programs. The handlers are thin: they check, then change one thing. */
import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import {
  type Ballot,
  checkBallot,
  type Expiring,
  NAME_LIMIT,
  refusalOfExpired,
  tooLong,
} from '../strategy/run/ballot.js';
import type { Decision } from '../strategy/run/decision.js';
import { excerpt, stepsOf } from '../strategy/run/excerpt.js';
import {
  type Command,
  type EventsPage,
  type EventsQuery,
  EXPIRED,
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
import { messageOf } from './activities.js';
import { applyCommand, refusalOfCommand } from './commands.js';
import type { Run } from './run.js';

const decide = defineUpdate<void, [Ballot]>(UPDATES.decide);
const command = defineUpdate<void, [Command]>(UPDATES.command);
const view = defineQuery<MigrationView>(QUERIES.view);
const decisions = defineQuery<readonly Decision[]>(QUERIES.decisions);
const steps = defineQuery<readonly StepView[], [StepsQuery]>(QUERIES.steps);
const events = defineQuery<EventsPage, [EventsQuery?]>(QUERIES.events);

/** Refused messages that are recorded: the record must not grow with what a program sends again and again. */
const REFUSALS_RECORDED = 100;

/**
 * Sets every handler, and turns a cancellation from outside (`temporal workflow cancel`) into an abort.
 *
 * A validator leaves no trace of what it refuses, so it refuses only what is malformed, or came too late: its sender has
 * heard that nothing was recorded. A vote or command that does not
 * count is taken, recorded and then refused, which its sender hears just the same; past the limit it leaves no trace.
 */
export function listen(run: Run): void {
  setHandler(decide, (given) => takeBallot(run, UPDATES.decide, ballotOf(given), throwRefused), {
    validator: (given) => {
      const ballot = ballotOf(given);
      throwIfExpired(ballot);
      throwIfRefused(malformed(ballot) ?? (recordsRefusals(run) ? null : refusalOfBallot(run, ballot)));
    },
  });
  setHandler(command, (given) => takeCommand(run, { ...given, ...contentOf(given) }, throwRefused), {
    validator: (given) => {
      const requested = { ...given, ...contentOf(given) };
      throwIfExpired(requested);
      throwIfRefused(
        malformedCommand(requested) ?? (recordsRefusals(run) ? null : refusalOfCommand(run, requested)),
      );
    },
  });
  setHandler(view, () => excerpt(run.view));
  setHandler(steps, ({ phase, from }) => stepsOf(run.view, phase, from));
  setHandler(decisions, () => run.view.decisions);
  setHandler(events, (query) => run.page(query ?? { from: 0 }));
  listenToSignals(run);
  CancellationScope.current().cancelRequested.catch(() => {
    // Whoever may cancel workflows administers the engine, and needs no role.
    applyCommand(run, {
      command: 'abort',
      by: 'temporal',
      reason: 'the workflow was cancelled in Temporal',
    });
  });
}

function listenToSignals(run: Run): void {
  const vote = (option: string) => (given: GateVote) => {
    const id = approvalFor(run.view, text(given?.gate));
    takeBallot(run, option, { ...contentOf(given), decision: id, option }, ignore);
  };
  setHandler(defineSignal<[GateVote]>(SIGNALS.approve), vote('approve'));
  setHandler(defineSignal<[GateVote]>(SIGNALS.reject), vote('reject'));
  setHandler(defineSignal<[Ballot]>(SIGNALS.decide), (given) =>
    takeBallot(run, SIGNALS.decide, ballotOf(given), ignore),
  );
  for (const name of ['pause', 'resume', 'abort'] as const) {
    setHandler(defineSignal<[SignalCommand?]>(SIGNALS[name]), (given) =>
      takeCommand(run, { command: name, ...contentOf(given) }, ignore),
    );
  }
  setHandler(defineSignal<[SignalRollback?]>(SIGNALS.rollback), (given) =>
    takeCommand(
      run,
      { command: 'rollback', ...contentOf(given), to: given?.to === undefined ? 'start' : text(given.to) },
      ignore,
    ),
  );
}

/** Any Temporal client may send anything: what is not text counts as missing. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Who speaks and what for: an error in a handler would block the run for ever, so nothing but text gets further. */
function contentOf(given: Partial<Ballot> | undefined): Omit<Ballot, 'decision' | 'option'> {
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
  return { ...contentOf(given), decision: text(given?.decision), option: text(given?.option) };
}

function approvalFor(view: MigrationView, gate: string): string {
  const open = view.decisions.find(
    ({ id, kind, subject }) =>
      id === gate || ((kind === 'approval' || kind === 'rollback-approval') && subject === gate),
  );
  return open?.id ?? `approval:${gate}`;
}

/** `refused` is told why a message does not count. A signal has nobody to tell. */
type Refused = (why: string) => void;

const ignore: Refused = () => {};

function throwRefused(why: string): never {
  throw ApplicationFailure.nonRetryable(why, REFUSED);
}

function throwIfRefused(why: string | null): void {
  if (why !== null) throwRefused(why);
}

function throwIfExpired(given: Expiring): void {
  const why = refusalOfExpired(given, new Date());
  if (why !== null) throw ApplicationFailure.nonRetryable(why, EXPIRED);
}

function takeBallot(run: Run, message: string, ballot: Ballot, refused: Refused): void {
  take(run, `${message} ${ballot.decision}`, ballot.by, refused, {
    check: () => malformed(ballot) ?? refusalOfExpired(ballot, new Date()) ?? refusalOfBallot(run, ballot),
    apply: () => cast(run, ballot),
  });
}

function takeCommand(run: Run, wanted: Command, refused: Refused): void {
  take(run, wanted.command, wanted.by, refused, {
    check: () =>
      malformedCommand(wanted) ?? refusalOfExpired(wanted, new Date()) ?? refusalOfCommand(run, wanted),
    apply: () => applyCommand(run, wanted),
  });
}

/** An error in a handler would block the run for ever, so it refuses the message that led to it. */
function take(
  run: Run,
  message: string,
  by: string,
  refused: Refused,
  { check, apply }: { readonly check: () => string | null; readonly apply: () => void },
): void {
  let why: string | null;
  try {
    why = check();
    if (why === null) apply();
  } catch (error) {
    why = `sluice failed to handle this message: ${messageOf(error)}`;
  }
  if (why === null) return;
  recordRefusal(run, message, by, why);
  refused(why);
}

function malformed(content: Pick<Ballot, 'by' | 'role' | 'reason'>): string | null {
  if (content.by.trim() === '') return 'Votes and commands need a name: --as NAME.';
  return tooLong(content);
}

function malformedCommand(wanted: Command): string | null {
  const known = ['pause', 'resume', 'abort', 'rollback'];
  if (!known.includes(wanted.command)) return `Commands are ${known.join(', ')}.`;
  if (wanted.command === 'rollback' && typeof wanted.to !== 'string') {
    return 'A rollback needs "to": a phase or step to keep, or "start".';
  }
  return malformed(wanted);
}

function recordsRefusals(run: Run): boolean {
  return run.refusals < REFUSALS_RECORDED;
}

/** A client may send a megabyte, and so it is clipped. */
function recordRefusal(run: Run, message: string, by: string, why: string): void {
  if (!recordsRefusals(run)) return;
  run.refusals += 1;
  const last = recordsRefusals(run)
    ? ''
    : ` (${REFUSALS_RECORDED} were refused: later ones are not recorded)`;
  run.emit({
    type: 'message-refused',
    message: clipped(message),
    by: clipped(by),
    why: clipped(why, 1_000) + last,
  });
}

function clipped(value: string, limit = NAME_LIMIT): string {
  return value.length <= limit ? value : `${value.slice(0, limit)} ...`;
}

function refusalOfBallot(run: Run, ballot: Ballot): string | null {
  const decision = run.view.decisions.find(({ id }) => id === ballot.decision);
  if (decision === undefined) {
    const open = run.view.decisions.map(({ id }) => id);
    return `"${ballot.decision}" is not an open decision. ${open.length === 0 ? 'No decisions are open.' : `Open: ${open.join(', ')}.`}`;
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
