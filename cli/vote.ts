/** What approve, reject and decide have in common. */
import { findKey, type Sluice } from '../client/index.js';
import type { Ballot } from '../strategy/run/ballot.js';
import { describeVote } from '../strategy/run/receipt.js';
import { printResult } from './context.js';
import { EXIT, type ExitCode } from './exit.js';
import { withClient } from './link.js';
import { MESSAGES } from './messages.js';
import { pickApproval } from './pick-approval.js';
import { describeDecision } from './show/decision.js';
import { actor, type Terminal } from './terminal.js';
import { withExactRun } from './which-run.js';

interface VoteRequest {
  readonly run: string;
  readonly option: string;
  readonly as?: string | undefined;
  readonly role?: string | undefined;
  readonly for?: string | undefined;
  readonly reason?: string | undefined;
  readonly key?: string | undefined;
  readonly json?: true | undefined;
}

/** What a vote is bound to, where its voter has seen it. */
type Seen = Pick<Ballot, 'planHash' | 'evidenceHash' | 'recordHead'>;

/** Votes on the decision of this id. */
export function vote(terminal: Terminal, request: VoteRequest & { readonly id: string }): Promise<ExitCode> {
  return withClient(terminal, (client) =>
    withExactRun(client, request.run, () => cast(client, terminal, request, request.id, {})),
  );
}

/**
 * Votes on an approval: the one of this id or gate, or the only one that is open, which is shown first. The vote counts
 * for what was shown, and for nothing that changed since.
 */
export function voteOnApproval(
  terminal: Terminal,
  request: VoteRequest & { readonly id: string | undefined },
): Promise<ExitCode> {
  const { run, id } = request;
  return withClient(terminal, (client) =>
    withExactRun(client, run, async () => {
      const found = pickApproval(run, await client.decisions(run), id);
      if (found === null) return cast(client, terminal, request, id ?? '', {});
      if (id === undefined) terminal.note(describeDecision(run, found, terminal).join('\n'));
      const { planHash, evidenceHash, recordHead } = found;
      return cast(client, terminal, request, found.id, { planHash, evidenceHash, recordHead });
    }),
  );
}

async function cast(
  client: Sluice,
  terminal: Terminal,
  request: VoteRequest,
  id: string,
  seen: Seen,
): Promise<ExitCode> {
  const by = actor(request.as, terminal.env);
  const { run, option, role, reason } = request;
  const ballot: Ballot = { decision: id, option, by, role, onBehalfOf: request.for, reason, ...seen };
  await client.decide(run, ballot, {
    key: (identity) => findKey(client.home, identity, request.key),
    onWaiting: (seconds) => terminal.note(MESSAGES.waiting(seconds)),
  });
  printResult(terminal, request.json, { run, ...ballot }, () => [describeVote(run, ballot)]);
  return EXIT.done;
}
