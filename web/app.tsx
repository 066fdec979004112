/**
 * The dashboard's routes. No GET acts: links of mails and chats are opened by scanners. Every form goes through `client/`,
 * so that rules and refusals are those of the command line.
 */
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Child } from 'hono/jsx';
import { streamSSE } from 'hono/streaming';
import { SluiceError } from '../client/error.js';
import type { Sluice } from '../client/sluice.js';
import { refusalOfAuthority } from '../strategy/run/electorate.js';
import type { Command } from '../strategy/run/messages.js';
import type { MigrationView } from '../strategy/run/view.js';
import { possibleVoters } from '../strategy/run/voters.js';
import { Feeds } from './feeds.js';
import { onlyHosts, onlyOwnForms, secureHeaders } from './guard.js';
import { logsOf } from './logs.js';
import type { CommandModel, CommandsModel } from './pages/commands.js';
import { DecisionPage } from './pages/decision.js';
import { EVENTS_SHOWN, Events } from './pages/events.js';
import { Inbox } from './pages/inbox.js';
import { type Frame, layout } from './pages/layout.js';
import { Message } from './pages/message.js';
import { PhasePage, STEPS_SHOWN } from './pages/phase.js';
import { Run } from './pages/run.js';
import { Runs, type RunsFilter } from './pages/runs.js';
import { StepPage } from './pages/step.js';
import { ownPath, runPath } from './paths.js';
import type { Session, Sessions } from './session.js';
import { staticFiles } from './static.js';

export interface DashboardOptions {
  readonly client: Sluice;
  readonly sessions: Sessions;
  /** The `Host` headers that are answered, such as `127.0.0.1:8420`. */
  readonly hosts: readonly string[];
  /** Names the cookie: cookies ignore ports, and two dashboards of one machine have their own. */
  readonly port: number;
  /** Listens beyond this machine. */
  readonly insecure: boolean;
}

export interface Dashboard {
  readonly app: Hono<Env>;
  /** Tells every open page that the server goes away, and ends what is followed. */
  close(): void;
}

interface Env {
  Variables: { session: Session };
}

type Request = Context<Env>;

const COMMANDS = ['pause', 'resume', 'abort', 'rollback'] as const;
type CommandName = (typeof COMMANDS)[number];

/** A comment line this often keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;
const MOST_STREAMS = 200;

export function createDashboard({ client, sessions, hosts, port, insecure }: DashboardOptions): Dashboard {
  const app = new Hono<Env>();
  const feeds = new Feeds(client);
  const cookie = `sluice-${port}`;
  const origins = hosts.map((host) => `http://${host}`);
  const closing = new AbortController();
  let streams = 0;

  app.use(secureHeaders);
  app.use(onlyHosts(hosts));
  app.use(onlyOwnForms(origins, (context) => getCookie(context, cookie) ?? ''));
  app.get('/static/:file', staticFiles);
  app.get('/healthz', (context) => context.text('ok'));

  app.get('/open', async (context) => {
    if (!sessions.isAccessToken(context.req.query('token') ?? '')) {
      return context.text(
        'This link is not valid for this dashboard. Open the one that `sluice up` printed.',
        401,
      );
    }
    const known = await sessions.open(getCookie(context, cookie));
    await keep(context, known ?? sessions.create());
    return context.redirect(ownPath(context.req.query('next')), 303);
  });

  app.use(async (context, next) => {
    const session = await sessions.open(getCookie(context, cookie));
    if (session === null) {
      return context.text(
        'Open the dashboard with the link that `sluice up` printed: it proves that you may.',
        401,
      );
    }
    context.set('session', session);
    return next();
  });

  app.onError((error, context) => {
    const known = error instanceof SluiceError;
    const text = known
      ? [error.message, error.advice].filter(Boolean).join(' ')
      : 'Something unexpected happened.';
    const status = known && error.code === 'no-run' ? 404 : known ? 503 : 500;
    if (!known) console.error(error);
    const frame = {
      ...frameOf(context, known && error.code === 'no-run' ? 'Not found' : 'Not available', null),
    };
    return context.html(layout(frame, <Message title={frame.title} text={text} back="/" />), status);
  });
  app.notFound((context) =>
    context.html(
      layout(
        frameOf(context, 'Not found', null),
        <Message title="Not found" text="There is no such page." back="/" />,
      ),
      404,
    ),
  );

  app.post('/me', async (context) => {
    const { session } = context.var;
    const form = await formOf(context);
    if (!sessions.isFormToken(form.token, session, 'me')) return forged(context);
    const by = form.by.trim().slice(0, 200);
    await keep(context, { ...session, by: by === '' ? null : by });
    return context.redirect(ownPath(form.next), 303);
  });

  app.get('/', async (context) => {
    const { by } = context.var.session;
    const { inbox } = await feeds.overview();
    const mine = by === null ? [] : (await client.inbox(by)).entries;
    const ids = new Set(mine.map(({ run, decision }) => `${run} ${decision.id}`));
    return show(context, 'Needs you', '/live', <Inbox entries={inbox} mine={ids} by={by} />);
  });

  app.get('/runs', async (context) => {
    const { runs } = await feeds.overview();
    const filter: RunsFilter = {
      words: context.req.query('q') ?? '',
      show: showOf(context.req.query('show')),
    };
    return show(context, 'Runs', '/live', <Runs runs={runs} filter={filter} />);
  });

  app.get('/live', (context) => stream(context, (listener) => feeds.listenToOverview(listener)));
  app.get('/runs/:run/live', (context) =>
    stream(context, (listener) => feeds.listenTo(idOf(context, 'run'), listener)),
  );

  app.get('/runs/:run', async (context) => {
    const run = idOf(context, 'run');
    const { view, trouble } = await feeds.view(run);
    const commands = await commandsOf(view, context.var.session);
    return show(
      context,
      view.strategy.name,
      `${runPath(run)}/live`,
      <Run view={view} now={Date.now()} trouble={trouble} commands={commands} />,
    );
  });

  app.get('/runs/:run/phases/:phase', async (context) => {
    const [run, phase] = [idOf(context, 'run'), idOf(context, 'phase')];
    const from = indexOf(context.req.query('from'));
    const { view } = await feeds.view(run);
    const steps = await client.steps(run, phase, from);
    const shown = steps.slice(0, STEPS_SHOWN);
    const more = steps.length > STEPS_SHOWN;
    const model = { view, now: Date.now(), phase, steps: shown, from, more };
    return show(context, phase, `${runPath(run)}/live`, <PhasePage {...model} />);
  });

  app.get('/runs/:run/steps/:step', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'step')];
    const { view } = await feeds.view(run);
    const step = await findStep(view, id);
    if (step === null) return notFound(context, `The run "${run}" has no step "${id}".`);
    const search = context.req.query('q') ?? '';
    const { logs, actions } = await logsOf(client, run, id, search);
    return show(context, id, `${runPath(run)}/live`, <StepPage {...{ view, step, logs, actions, search }} />);
  });

  app.get('/runs/:run/events', async (context) => {
    const run = idOf(context, 'run');
    const { view } = await feeds.view(run);
    const last = Math.max(0, view.seq - EVENTS_SHOWN);
    const asked = context.req.query('from');
    const from = asked === undefined ? last : Math.min(indexOf(asked), Math.max(0, view.seq - 1));
    const events = (await client.events(run, from)).slice(0, EVENTS_SHOWN);
    return show(
      context,
      'Record',
      `${runPath(run)}/live`,
      <Events {...{ run, events, from, total: view.seq }} />,
    );
  });

  app.get('/runs/:run/decisions/:id', (context) => decisionPage(context, null));

  app.post('/runs/:run/decisions/:id', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'id')];
    const { session } = context.var;
    const form = await formOf(context);
    if (!sessions.isFormToken(form.token, session, run, id, form.plan, form.evidence)) return forged(context);
    if (session.by === null)
      return decisionPage(context, refusal(form.reason, 'Choose the name under which you act first.'));
    const reason = form.reason.trim() === '' ? undefined : form.reason;
    const role = form.role === '' ? undefined : form.role;
    try {
      await client.decide(run, {
        decision: id,
        option: form.option,
        by: session.by,
        role,
        reason,
        planHash: form.plan,
        evidenceHash: form.evidence,
      });
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return decisionPage(
        context,
        refusal(form.reason, [error.message, error.advice].filter(Boolean).join(' ')),
      );
    }
    return context.redirect(runPath(run), 303);
  });

  app.post('/runs/:run/commands/:command', async (context) => {
    const run = idOf(context, 'run');
    const name = COMMANDS.find((each) => each === idOf(context, 'command'));
    const { session } = context.var;
    const form = await formOf(context);
    if (name === undefined) return notFound(context, 'There is no such command.');
    if (!sessions.isFormToken(form.token, session, run, name)) return forged(context);
    if (session.by === null) return refused(context, run, 'Choose the name under which you act first.');
    const base = { by: session.by, reason: form.reason.trim() === '' ? undefined : form.reason };
    const command: Command =
      name === 'rollback' ? { ...base, command: name, to: form.to } : { ...base, command: name };
    try {
      await client.command(run, command);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return refused(context, run, [error.message, error.advice].filter(Boolean).join(' '));
    }
    return context.redirect(runPath(run), 303);
  });

  return {
    app,
    close: () => {
      closing.abort();
      feeds.close();
    },
  };

  async function decisionPage(
    context: Request,
    typed: { readonly reason: string; readonly refusal: string } | null,
  ): Promise<Response> {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'id')];
    const { session } = context.var;
    const { view } = await feeds.view(run, typed !== null);
    const decision = view.decisions.find((each) => each.id === id);
    if (decision === undefined) {
      const text = [
        typed?.refusal,
        `The decision "${id}" is not open: it was decided, or it no longer applies.`,
      ];
      return show(
        context,
        'Decision',
        `${runPath(run)}/live`,
        <Message title={id} text={text.filter(Boolean).join(' ')} back={runPath(run)} />,
      );
    }
    const { by } = session;
    const voters =
      by === null ? [] : possibleVoters(decision, { by, named: true }, await client.electorate(run));
    const token = sessions.formToken(session, run, id, decision.planHash, decision.evidenceHash);
    const main = <DecisionPage {...{ view, decision, by, voters, token, typed }} />;
    return show(context, id, `${runPath(run)}/live`, main, typed === null ? 200 : 409);
  }

  async function commandsOf(view: MigrationView, session: Session): Promise<CommandsModel> {
    const electorate = await client.electorate(view.run);
    const model = (name: CommandName): CommandModel => {
      const right = name === 'resume' ? 'pause' : name;
      const refusal =
        session.by === null
          ? 'Choose the name under which you act, at the top of the page.'
          : refusalOfAuthority(electorate, right, session.by);
      const nothing =
        name === 'rollback' && view.applied.length === 0
          ? 'Nothing is applied, so there is nothing to roll back.'
          : null;
      return { token: sessions.formToken(session, view.run, name), refusal: refusal ?? nothing };
    };
    return {
      run: view.run,
      paused: view.status === 'paused',
      landings: ['start', ...view.applied.slice(0, -1)].reverse(),
      commands: {
        pause: model('pause'),
        resume: model('resume'),
        abort: model('abort'),
        rollback: model('rollback'),
      },
    };
  }

  /** The step, also of a large run, whose view lists only some. */
  async function findStep(view: MigrationView, id: string) {
    const listed = view.phases.flatMap((phase) => phase.steps).find((step) => step.id === id);
    if (listed !== undefined) return listed;
    for (const phase of view.phases) {
      for (let from = 0; phase.omitted !== null && from < phase.omitted.steps + phase.steps.length; ) {
        const page = await client.steps(view.run, phase.id, from);
        const found = page.find((step) => step.id === id);
        if (found !== undefined || page.length === 0) {
          if (found !== undefined) return found;
          break;
        }
        from += page.length;
      }
    }
    return null;
  }

  function frameOf(context: Context, title: string, live: string | null): Frame {
    const session: Session | undefined = context.get('session');
    const url = new URL(context.req.url);
    return {
      title,
      path: `${url.pathname}${url.search}`,
      by: session?.by ?? null,
      nameToken: session === undefined ? '' : sessions.formToken(session, 'me'),
      waiting: feeds.waiting,
      live,
      insecure,
    };
  }

  function show(
    context: Request,
    title: string,
    live: string,
    main: Child,
    status: 200 | 404 | 409 = 200,
  ): Response {
    const html = layout(frameOf(context, title, live), main);
    return context.newResponse(html, status, { 'Content-Type': 'text/html; charset=UTF-8' });
  }

  function notFound(context: Request, text: string): Response {
    return show(context, 'Not found', '/live', <Message title="Not found" text={text} back="/" />, 404);
  }

  function refused(context: Request, run: string, text: string): Response {
    return show(
      context,
      'Refused',
      '/live',
      <Message title="Refused" text={text} back={runPath(run)} />,
      409,
    );
  }

  function forged(context: Context): Response {
    return context.text(
      'This form is out of date, or was not made for you. Go back, load the page again, and repeat it.',
      403,
    );
  }

  async function keep(context: Context, session: Session): Promise<void> {
    const value = await sessions.seal(session);
    // Lax, so that a link from a mail or chat leads to the decision; strict would ask for the token again.
    setCookie(context, cookie, value, { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 30 * 24 * 3600 });
  }

  /** Says that something changed; the page fetches itself then, so there is no second way to draw it. */
  function stream(context: Request, listen: (listener: (seq: number) => void) => () => void): Response {
    if (streams >= MOST_STREAMS) return context.text('Too many open pages. Close some.', 429);
    const response = streamSSE(context, async (sse) => {
      let wake = (): void => undefined;
      let seq: number | null = null;
      // First of all: registered after the client has left, it would never be called.
      sse.onAbort(() => wake());
      closing.signal.addEventListener('abort', () => wake());
      streams += 1;
      const unlisten = listen((latest) => {
        seq = latest;
        wake();
      });
      try {
        await sse.write(`retry: ${RETRY_MS}\n\n`);
        while (!sse.aborted && !closing.signal.aborted) {
          const latest: number | null = seq;
          seq = null;
          if (latest !== null)
            await sse.writeSSE({ event: 'view', id: String(latest), data: String(latest) });
          if (seq !== null) continue;
          const timer = setTimeout(() => wake(), HEARTBEAT_MS);
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (seq !== null || sse.aborted || closing.signal.aborted) resolve();
          });
          clearTimeout(timer);
          if (seq === null && !sse.aborted) await sse.write(': here\n\n');
        }
        if (!sse.aborted) await sse.writeSSE({ event: 'gone', data: '' });
      } finally {
        streams -= 1;
        unlisten();
      }
    });
    response.headers.set('Cache-Control', 'no-cache, no-transform');
    response.headers.set('X-Accel-Buffering', 'no');
    return response;
  }
}

function refusal(reason: string, text: string): { readonly reason: string; readonly refusal: string } {
  return { reason, refusal: text };
}

/** The fields of a form that are used here, as texts; what is missing is empty. */
async function formOf(
  context: Context,
): Promise<
  Record<'token' | 'by' | 'next' | 'option' | 'reason' | 'role' | 'plan' | 'evidence' | 'to', string>
> {
  const form = new URLSearchParams(await context.req.text());
  const field = (name: string): string => form.get(name) ?? '';
  return {
    token: field('token'),
    by: field('by'),
    next: field('next'),
    option: field('option'),
    reason: field('reason'),
    role: field('role'),
    plan: field('plan'),
    evidence: field('evidence'),
    to: field('to'),
  };
}

function idOf(context: Context, name: string): string {
  return context.req.param(name) ?? '';
}

function indexOf(text: string | undefined): number {
  const value = Number(text ?? '0');
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function showOf(text: string | undefined): RunsFilter['show'] {
  return text === 'open' || text === 'ended' ? text : 'all';
}
