/** "I am on it": claiming and releasing a decision from its page. */
import type { Hono } from 'hono';
import { SluiceError } from '../../client/error.js';
import type { Plan } from '../../strategy/plan.js';
import { type ClaimCommand, refusalOfClaim } from '../../strategy/run/claim.js';
import type { Decision } from '../../strategy/run/decision.js';
import { describeCommand } from '../../strategy/run/receipt.js';
import { type Env, formOf, idOf, sessionOf, unlessEmpty } from '../context.js';
import { actingOf, type Desk } from '../desk.js';
import type { RunState } from '../feeds.js';
import type { ClaimModel } from '../pages/claim.js';
import { decisionPath } from '../paths.js';
import { textOf } from '../screen.js';
import type { Session } from '../session/sessions.js';
import { claimToSign } from '../signing.js';

const CLAIMS = ['claim', 'take-over', 'release'] as const;

export function addClaims(app: Hono<Env>, { client, screen, sessions }: Desk): void {
  app.post('/runs/:run/decisions/:id/claim/:command', async (context) => {
    const [run, decision] = [idOf(context, 'run'), idOf(context, 'id')];
    const name = CLAIMS.find((each) => each === idOf(context, 'command'));
    if (name === undefined) return screen.notFound(context, `Claims are ${CLAIMS.join(', ')}.`);
    const session = sessionOf(context);
    const form = await formOf(context);
    if (!sessions.isFormToken(form.token, session, run, decision, name)) return screen.outOfDate(context);
    const page = decisionPath(run, decision);
    const refuse = (why: string): Response => screen.refuse(context, page, why, form.reason);
    const acting = actingOf(session);
    if ('refusal' in acting) return refuse(acting.refusal);
    const command: ClaimCommand = {
      ...acting,
      command: name,
      decision,
      reason: unlessEmpty(form.reason),
      signed: unlessEmpty(form.signed),
    };
    try {
      await client.command(run, command);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return refuse(textOf(error));
    }
    const text = describeCommand(run, command);
    return screen.follow(context, page, { tone: 'good', text, reason: '' });
  });
}

/** What this person may say about who is on the decision. */
export function claimOf(
  { sessions }: Desk,
  state: RunState,
  session: Session,
  plan: Plan | null,
  { id, claimedBy }: Decision,
): ClaimModel {
  const { view, electorate } = state;
  const acting = actingOf(session);
  const by = 'refusal' in acting ? null : acting.by;
  const command = claimedBy === null ? 'claim' : claimedBy === by ? 'release' : 'take-over';
  const refusal =
    'refusal' in acting
      ? acting.refusal
      : refusalOfClaim({ ...acting, command, decision: id }, view.decisions, electorate, new Date());
  return {
    command,
    refusal,
    token: sessions.formToken(session, view.run, id, command),
    signing: by === null || refusal !== null ? null : claimToSign(state, plan, { command, by, decision: id }),
  };
}
