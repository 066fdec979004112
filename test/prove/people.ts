/** The people of a run: they answer every decision as `actor.ts` has them, and are refused where they should be. */
import type { Client } from '@temporalio/client';
import { SluiceError } from '../../client/error.js';
import type { Sluice } from '../../client/sluice.js';
import type { Decision } from '../../strategy/run/decision.js';
import { type Command, SIGNALS } from '../../strategy/run/messages.js';
import { patiently } from '../support/patience.js';
import { type Move, moveOf } from './actor.js';
import { BOUND, type Case, COMMANDER, ROLES, type Role, SUBMITTER } from './case.js';

const REFUSALS: ReadonlySet<string> = new Set(['reject', 'deny', 'failed', 'blocked', 'fail']);

/** What people could not do as they should, such as a wrong vote that was taken. */
export class Misbehaved extends Error {}

export class People {
  constructor(
    private readonly sluice: Sluice,
    private readonly temporal: Client,
    private readonly given: Case,
    private readonly run: string,
  ) {}

  async answer(decision: Decision): Promise<void> {
    const { id, kind, options } = decision;
    const move = moveOf(this.given, id, kind, options);
    await this.voteWrongly(decision, move);
    let paused = false;
    if (move.interjects?.command === 'pause') {
      await this.say({ command: 'pause', by: COMMANDER, reason: 'lunch' });
      paused = true;
    } else if (move.interjects !== null && (await this.giveCommand(move.interjects))) {
      const approval = await this.approvalBeside(decision);
      if (approval === undefined) return;
      const { option, bySignal, yesBeforeNo } = moveOf(
        this.given,
        approval.id,
        approval.kind,
        approval.options,
      );
      for (const ballot of this.ballots(approval, { option, yesBeforeNo })) await this.cast(ballot, bySignal);
      if (option === 'approve') return;
      paused = true;
    }
    for (const ballot of this.ballots(decision, move)) await this.cast(ballot, move.bySignal);
    if (paused) await this.resume();
  }

  /** True when the command is accepted. */
  private async giveCommand(
    given: { command: 'abort' } | { command: 'rollback'; to: string },
  ): Promise<boolean> {
    try {
      await this.say({ ...given, by: COMMANDER, reason: 'I would rather not' });
      return true;
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'refused') return false;
      throw error;
    }
  }

  /** What a command that needs approval has opened beside the question at hand. */
  private async approvalBeside({ id }: Decision): Promise<Decision | undefined> {
    const open = await patiently(() => this.sluice.decisions(this.run));
    return open.find((other) => other.id !== id && other.kind === 'rollback-approval');
  }

  private say(command: Command): Promise<void> {
    return patiently((updateId) => this.sluice.command(this.run, command, { updateId }));
  }

  private async resume(): Promise<void> {
    try {
      await this.say({ command: 'resume', by: 'dave' });
    } catch (error) {
      // The answer may have ended the run.
      if (!(error instanceof SluiceError) || (error.code !== 'refused' && error.code !== 'run-ended'))
        throw error;
    }
  }

  private async cast(ballot: Ballot, bySignal: boolean): Promise<void> {
    const { run } = this;
    if (!bySignal) return patiently((updateId) => this.sluice.decide(run, ballot, { updateId }));
    await this.temporal.workflow.getHandle(run).signal(SIGNALS.decide, ballot);
  }

  private ballots(
    decision: Decision,
    { option, yesBeforeNo }: Pick<Move, 'option' | 'yesBeforeNo'>,
  ): readonly Ballot[] {
    const approval = decision.kind === 'approval' && option === 'approve';
    const used = new Set<string>(approval ? [SUBMITTER] : []);
    const votes = decision.needs.flatMap(({ role, votes }) =>
      holders(role)
        .filter((name) => !used.has(name))
        .slice(0, votes)
        .map((by) => {
          used.add(by);
          return { decision: decision.id, option, by, role, reason: 'because' };
        }),
    );
    const [first, second] = votes;
    if (first === undefined) return [{ decision: decision.id, option, by: 'anyone', reason: 'because' }];
    if (!REFUSALS.has(option)) return votes;
    const yes = decision.options[0];
    if (!yesBeforeNo || second === undefined || yes === undefined || first.by === SUBMITTER) return [first];
    return [{ ...first, option: yes }, second];
  }

  private async voteWrongly(decision: Decision, { option, wrongVote }: Move): Promise<void> {
    const ballot = this.wrongBallot(decision, option, wrongVote);
    if (ballot === null) return;
    try {
      await patiently((updateId) => this.sluice.decide(this.run, ballot, { updateId }));
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'refused') return;
      throw error;
    }
    throw new Misbehaved(`A wrong vote was taken (${wrongVote}): ${JSON.stringify(ballot)}`);
  }

  private wrongBallot(decision: Decision, option: string, wrong: Move['wrongVote']): Ballot | null {
    const { id, needs, reasonFor } = decision;
    const role = needs[0]?.role;
    const vote = {
      decision: id,
      option,
      by: role === undefined ? 'anyone' : (holders(role)[1] ?? role),
      reason: 'because',
    };
    switch (wrong) {
      case 'stranger':
        return role === undefined ? null : { ...vote, by: 'mallory' };
      case 'no-reason':
        return reasonFor[0] === undefined ? null : { ...vote, option: reasonFor[0], reason: ' ' };
      case 'no-option':
        return { ...vote, option: 'perhaps' };
      case 'wrong-plan':
        return { ...vote, planHash: '0'.repeat(64) };
      case 'submitter':
        return decision.kind === 'approval' ? { ...vote, option: 'approve', by: SUBMITTER } : null;
      default:
        return null;
    }
  }
}

interface Ballot {
  readonly decision: string;
  readonly option: string;
  readonly by: string;
  readonly role?: string;
  readonly reason?: string;
  readonly planHash?: string;
}

function holders(role: string): readonly string[] {
  const known: Role | undefined = ROLES.find((name) => name === role);
  return (known === undefined ? undefined : BOUND[known]?.members) ?? [role];
}
