/** Votes, commands and queries of people and programs. The handlers are thin: they check, then change one thing. */
import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { Plan, SignedIdentity } from '../strategy/plan.js';
import {
  type Ballot,
  checkBallot,
  type Expiring,
  NAME_LIMIT,
  refusalOfExpired,
} from '../strategy/run/ballot.js';
import { type Decision, describeNotOpen, type Vote } from '../strategy/run/decision.js';
import type { Signed } from '../strategy/run/event.js';
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
  type SignalClaim,
  type SignalCommand,
  type SignalRollback,
  type StepsQuery,
  UPDATES,
} from '../strategy/run/messages.js';
import { claimsOfCommand, claimsOfVote, type Place } from '../strategy/run/signed.js';
import type { MigrationView, StepView } from '../strategy/run/view.js';
import { messageOf } from './activities.js';
import { applyCommand, refusalOfCommand } from './commands.js';
import { ballotOf, contentOf, malformed, malformedCommand, text } from './message-content.js';
import type { Run } from './run.js';
import { authenticate, refusalOfUnsigned, type SignedMessage } from './signatures.js';
import { throttle } from './throttle.js';

const decide = defineUpdate<void, [Ballot]>(UPDATES.decide);
const command = defineUpdate<void, [Command]>(UPDATES.command);
const view = defineQuery<MigrationView>(QUERIES.view);
const decisions = defineQuery<readonly Decision[]>(QUERIES.decisions);
const steps = defineQuery<readonly StepView[], [StepsQuery]>(QUERIES.steps);
const plan = defineQuery<Plan | null>(QUERIES.plan);
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
        malformedCommand(requested) ?? (recordsRefusals(run) ? null : refusalOfAnyCommand(run, requested)),
      );
    },
  });
  setHandler(view, () => excerpt(run.view));
  setHandler(steps, ({ phase, from }) => stepsOf(run.view, phase, from));
  setHandler(decisions, () => run.view.decisions);
  setHandler(plan, () => (run.input.plan.kind === 'inline' ? run.input.plan.plan : null));
  setHandler(events, (query) => run.page(query ?? { from: 0 }));
  listenToSignals(run);
  CancellationScope.current().cancelRequested.catch(() => {
    // Cancelling a workflow takes administration rights on the engine, so no role is needed.
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
  for (const command of [SIGNALS.claim, SIGNALS.takeOver, SIGNALS.release]) {
    setHandler(defineSignal<[SignalClaim?]>(command), (given) =>
      takeCommand(run, { command, ...contentOf(given), decision: text(given?.decision) }, ignore),
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

function approvalFor(view: MigrationView, gate: string): string {
  const open = view.decisions.find(
    ({ id, kind, subject }) =>
      id === gate || ((kind === 'approval' || kind === 'rollback-approval') && subject === gate),
  );
  return open?.id ?? `approval:${gate}`;
}

/** `refused` is told why a message does not count. A signal has no reply. */
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

function takeBallot(run: Run, message: string, ballot: Ballot, refused: Refused): void | Promise<void> {
  const { by, signed } = ballot;
  const spoken: Spoken = {
    message: `${message} ${ballot.decision}`,
    by,
    refused,
    check: () => malformed(ballot) ?? refusalOfExpired(ballot, new Date()) ?? refusalOfBallot(run, ballot),
  };
  const { identity } = run.plan.bindings;
  // Where votes must be signed, the check refuses one that is not.
  if (identity === undefined || signed === undefined) return take(run, spoken, () => cast(run, ballot));
  const claims = (place: Place) => claimsOfVote(place, ballot);
  return takeSigned(run, identity, spoken, { kind: 'vote', by, signed, claims }, (key) =>
    cast(run, ballot, { key, signed }),
  );
}

function takeCommand(run: Run, wanted: Command, refused: Refused): void | Promise<void> {
  const { by, signed } = wanted;
  const spoken: Spoken = {
    message: wanted.command,
    by,
    refused,
    check: () =>
      malformedCommand(wanted) ?? refusalOfExpired(wanted, new Date()) ?? refusalOfAnyCommand(run, wanted),
  };
  const apply = (proof: Signed): void | Promise<void> => {
    if (wanted.command !== 'throttle') return applyCommand(run, wanted, proof);
    return throttle(run, wanted, proof).then((why) => {
      if (why !== null) refuse(run, spoken, why);
    });
  };
  const { identity } = run.plan.bindings;
  if (identity === undefined || signed === undefined) return take(run, spoken, () => apply({}));
  const claims = (place: Place) => claimsOfCommand(place, wanted);
  return takeSigned(run, identity, spoken, { kind: 'command', by, signed, claims }, () => apply({ signed }));
}

/** A message on its way: what it is called in the record, why it does not count, and who hears of that. */
interface Spoken {
  readonly message: string;
  readonly by: string;
  readonly refused: Refused;
  readonly check: () => string | null;
}

/**
 * Checks before, so that what cannot count costs no activity, and again once the signature is verified: the run went on
 * meanwhile.
 */
async function takeSigned(
  run: Run,
  identity: SignedIdentity,
  spoken: Spoken,
  signed: SignedMessage,
  apply: (key: string) => void | Promise<void>,
): Promise<void> {
  let passed = false;
  take(run, spoken, () => {
    passed = true;
  });
  if (!passed) return;
  const proof = await authenticate(run, identity, signed);
  if ('why' in proof) refuse(run, spoken, proof.why);
  else await take(run, spoken, () => apply(proof.key));
}

/** An error in a handler would block the run for ever, so it refuses the message that led to it. */
function take(run: Run, spoken: Spoken, apply: () => void | Promise<void>): void | Promise<void> {
  let why: string | null;
  try {
    why = spoken.check();
    if (why === null) return apply();
  } catch (error) {
    why = `sluice failed to handle this message: ${messageOf(error)}`;
  }
  if (why !== null) refuse(run, spoken, why);
}

function refuse(run: Run, { message, by, refused }: Spoken, why: string): void {
  recordRefusal(run, message, by, why);
  refused(why);
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
  if (decision === undefined) return describeNotOpen(ballot.decision, run.view.decisions);
  const { identity } = run.plan.bindings;
  const unsigned = refusalOfUnsigned(identity, 'vote', ballot);
  if (unsigned !== null) return unsigned;
  if (identity !== undefined && ballot.evidenceHash === undefined) {
    return `A signed vote says which evidence its voter saw: the evidenceHash of ${decision.id}.`;
  }
  const check = checkBallot(decision, ballot, run.electorate, new Date());
  return check.accepted ? null : check.why;
}

function refusalOfAnyCommand(run: Run, wanted: Command): string | null {
  return refusalOfUnsigned(run.plan.bindings.identity, 'command', wanted) ?? refusalOfCommand(run, wanted);
}

function cast(run: Run, ballot: Ballot, proof: Signed & Pick<Vote, 'key'> = {}): void {
  const decision = run.view.decisions.find(({ id }) => id === ballot.decision);
  if (decision === undefined) return;
  const check = checkBallot(decision, ballot, run.electorate, new Date());
  if (!check.accepted) return;
  const { key, ...signed } = proof;
  run.emit({
    type: 'vote-cast',
    decision: decision.id,
    vote: { ...check.vote, at: new Date().toISOString(), ...(key === undefined ? {} : { key }) },
    ...signed,
  });
}
