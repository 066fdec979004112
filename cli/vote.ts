/** What approve, reject and decide have in common. */

import type { Sluice } from '../client/index.js';
import type { Ballot } from '../strategy/run/decision.js';
import { printResult } from './context.js';
import { EXIT, type ExitCode } from './exit.js';
import { withClient } from './link.js';
import { pickApproval } from './pick-approval.js';
import { actor, type Terminal } from './terminal.js';
import { whichRun } from './which-run.js';

interface Voter {
  readonly run: string;
  readonly option: string;
  readonly as?: string | undefined;
  readonly role?: string | undefined;
  readonly reason?: string | undefined;
  readonly json?: true | undefined;
}

/** Votes on the decision of this id. */
export function vote(terminal: Terminal, voter: Voter & { readonly id: string }): Promise<ExitCode> {
  return withClient(terminal, async (client) =>
    cast(client, terminal, voter, await whichRun(client, voter.run), voter.id),
  );
}

/** Votes on an approval: the one of this id or gate, or the only one that is open to the voter. */
export function voteOnApproval(
  terminal: Terminal,
  voter: Voter & { readonly id: string | undefined },
): Promise<ExitCode> {
  return withClient(terminal, async (client) => {
    const run = await whichRun(client, voter.run);
    const decisions = await client.decisions(run);
    const { entries } = await client.inbox(actor(voter.as, terminal.env));
    const open = entries.filter((entry) => entry.run === run).map((entry) => entry.decision.id);
    return cast(client, terminal, voter, run, pickApproval(run, decisions, voter.id, new Set(open)));
  });
}

async function cast(
  client: Sluice,
  terminal: Terminal,
  voter: Voter,
  run: string,
  id: string,
): Promise<ExitCode> {
  const by = actor(voter.as, terminal.env);
  const { option, role, reason } = voter;
  const ballot: Ballot = { decision: id, option, by, role, reason };
  await client.decide(run, ballot);
  printResult(terminal, voter.json, { run, ...ballot }, () => [`${by} voted ${option} on ${id} of ${run}.`]);
  return EXIT.done;
}
