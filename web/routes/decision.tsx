/** A decision: everything its voter answers for, and the vote, which counts for exactly what the page showed. */
import type { Hono } from 'hono';
import { SluiceError } from '../../client/error.js';
import { describeVote } from '../../strategy/run/receipt.js';
import { possibleVoters } from '../../strategy/run/voters.js';
import { type Env, formOf, idOf, sessionOf, unlessEmpty } from '../context.js';
import { type Desk, NO_NAME } from '../desk.js';
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
      const main = <Message title={id} text={text} back={runPath(run)} />;
      return screen.show(context, { title: 'Decision', live, receipt }, main);
    }
    const { by } = session;
    const signedOnly = electorate.installation !== undefined;
    const voters = by === null || signedOnly ? [] : possibleVoters(decision, { by, named: true }, electorate);
    const token = sessions.formToken(session, run, id, decision.planHash, decision.evidenceHash);
    const typed = receipt?.reason ?? '';
    const main = <DecisionPage {...{ view, decision, by, voters, signedOnly, token, typed }} />;
    return screen.show(context, { title: id, live, receipt }, main);
  });

  app.post('/runs/:run/decisions/:id', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'id')];
    const session = sessionOf(context);
    const form = await formOf(context);
    if (!sessions.isFormToken(form.token, session, run, id, form.plan, form.evidence))
      return screen.outOfDate(context);
    const refuse = (why: string): Response => screen.refuse(context, decisionPath(run, id), why, form.reason);
    if (session.by === null) return refuse(NO_NAME);
    const ballot = {
      decision: id,
      option: form.option,
      by: session.by,
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
