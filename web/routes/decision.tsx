/** A decision: everything its voter answers for, and the vote, which counts for exactly what the page showed. */
import type { Hono } from 'hono';
import { SluiceError } from '../../client/error.js';
import { isFinal } from '../../strategy/run/options.js';
import { describeVote } from '../../strategy/run/receipt.js';
import { SIGNED_ONLY } from '../../strategy/run/signed.js';
import { possibleVoters } from '../../strategy/run/voters.js';
import { type Env, formOf, idOf, sessionOf, unlessEmpty } from '../context.js';
import { actingOf, type Desk, mustProveAgain } from '../desk.js';
import { DecisionPage } from '../pages/decision.js';
import { Message } from '../pages/message.js';
import { decisionPath, runPath } from '../paths.js';
import { textOf } from '../screen.js';

export function addDecision(app: Hono<Env>, { client, feeds, screen, sessions }: Desk): void {
  app.get('/runs/:run/decisions/:id', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'id')];
    const session = sessionOf(context);
    const receipt = screen.receipt(context);
    const { view, electorate } = await feeds.run(run, receipt !== null);
    const decision = view.decisions.find((each) => each.id === id);
    const live = `${runPath(run)}/live`;
    if (decision === undefined) {
      const text = `The decision "${id}" is not open: it was decided, or it no longer applies.`;
      const main = (
        <Message title={id} text={text} links={[{ href: runPath(run), text: 'Back to the run' }]} />
      );
      return screen.show(context, { title: 'Decision', live, receipt }, main);
    }
    const { by } = session;
    const acting = actingOf(session);
    const refusal =
      electorate.installation !== undefined ? SIGNED_ONLY : 'refusal' in acting ? acting.refusal : null;
    const voters =
      'refusal' in acting || refusal !== null
        ? []
        : possibleVoters(decision, { ...acting, named: true }, electorate);
    const token = sessions.formToken(session, run, id, decision.planHash, decision.evidenceHash);
    const typed = receipt?.reason ?? '';
    const main = <DecisionPage {...{ view, decision, by, voters, refusal, token, typed }} />;
    return screen.show(context, { title: id, live, receipt }, main);
  });

  app.post('/runs/:run/decisions/:id', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'id')];
    const session = sessionOf(context);
    const form = await formOf(context);
    if (!sessions.isFormToken(form.token, session, run, id, form.plan, form.evidence))
      return screen.outOfDate(context);
    const refuse = (why: string): Response => screen.refuse(context, decisionPath(run, id), why, form.reason);
    const acting = actingOf(session);
    if ('refusal' in acting) return refuse(acting.refusal);
    if (isFinal(form.option) && mustProveAgain(session, Date.now()))
      return screen.proveAgain(context, decisionPath(run, id), form.reason);
    const ballot = {
      decision: id,
      option: form.option,
      ...acting,
      role: unlessEmpty(form.role),
      reason: unlessEmpty(form.reason),
      planHash: form.plan,
      evidenceHash: form.evidence,
    };
    try {
      await client.decide(run, ballot);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return refuse(textOf(error));
    }
    const text = describeVote(run, ballot);
    return screen.follow(context, runPath(run), { tone: 'good', text, reason: '' });
  });
}
