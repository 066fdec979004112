/** A decision: everything its voter answers for, and the vote, which counts for exactly what the page showed. */
import type { Hono } from 'hono';
import { SluiceError } from '../../client/error.js';
import { stepsAhead } from '../../strategy/run/ahead.js';
import { type AskedBefore, askedBefore } from '../../strategy/run/asked-before.js';
import type { Decision } from '../../strategy/run/decision.js';
import { isFinal } from '../../strategy/run/options.js';
import { describeVote } from '../../strategy/run/receipt.js';
import { possibleVoters, refusalOfVoter } from '../../strategy/run/voters.js';
import { type Env, formOf, idOf, type Request, sessionOf, unlessEmpty } from '../context.js';
import { actingOf, type Desk, mustProveAgain } from '../desk.js';
import type { RunState } from '../feeds.js';
import { DecisionPage } from '../pages/decision.js';
import { Message } from '../pages/message.js';
import { decisionPath, runPath } from '../paths.js';
import { textOf } from '../screen.js';
import { voteToSign } from '../signing.js';
import { claimOf } from './claim.js';

export function addDecision(app: Hono<Env>, desk: Desk): void {
  const { client, feeds, plans, screen, sessions } = desk;

  app.get('/runs/:run/decisions/:id', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'id')];
    const session = sessionOf(context);
    const receipt = screen.receipt(context);
    const state = await feeds.run(run, receipt !== null);
    const { view, electorate } = state;
    const decision = view.decisions.find((each) => each.id === id);
    if (decision === undefined) return notOpen(desk, context, state, id);
    const [plan, before] = await Promise.all([plans.of(view), beforeOf(desk, run, decision)]);
    const acting = actingOf(session);
    const actor = 'refusal' in acting ? null : { ...acting, named: true };
    const refusal = 'refusal' in acting ? acting.refusal : null;
    const why = actor === null ? refusal : refusalOfVoter(decision, actor, electorate, new Date());
    const voters = actor === null ? [] : possibleVoters(decision, actor, electorate, new Date());
    const model = {
      ...{ view, decision, now: Date.now(), refusal: why, before },
      voters: voters.map((voter) => ({ ...voter, signing: voteToSign(state, plan, decision, voter) })),
      token: sessions.formToken(session, run, id, decision.planHash, decision.evidenceHash),
      typed: receipt?.reason ?? '',
      claim: claimOf(desk, state, session, plan, decision),
      ahead: plan === null ? null : stepsAhead(plan, decision),
    };
    const main = <DecisionPage {...model} />;
    return screen.show(context, { title: id, live: `${runPath(run)}/live`, receipt }, main);
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
      onBehalfOf: unlessEmpty(form.for),
      reason: unlessEmpty(form.reason),
      signed: unlessEmpty(form.signed),
      planHash: form.plan,
      evidenceHash: form.evidence,
      recordHead: unlessEmpty(form.record),
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

/** Only a question that has a number was asked before: the record of all others is not read. */
async function beforeOf({ client }: Desk, run: string, decision: Decision): Promise<AskedBefore | null> {
  if (!/#\d+$/.test(decision.id)) return null;
  return askedBefore(await client.events(run), decision);
}

/** Where the same is asked anew, the page leads there. */
function notOpen({ screen }: Desk, context: Request, { view }: RunState, id: string): Promise<Response> {
  const { run } = view;
  const plain = (each: string): string => each.replace(/#\d+$/, '');
  const again = view.decisions.find((each) => plain(each.id) === plain(id));
  const links = [{ href: runPath(run), text: 'Back to the run' }];
  const text = `The decision "${id}" is not open: it was decided, or it no longer applies.`;
  const main =
    again === undefined ? (
      <Message title={id} text={text} links={links} />
    ) : (
      <Message
        title={id}
        text={`${text} The same is asked again, with what the machine sees now and without the earlier votes.`}
        links={[{ href: decisionPath(run, again.id), text: `Review ${again.id}` }, ...links]}
      />
    );
  return screen.show(
    context,
    { title: 'Decision', live: `${runPath(run)}/live`, receipt: screen.receipt(context) },
    main,
  );
}
