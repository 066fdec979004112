/**
 * The dashboard: what every request must pass, then the routes. No GET acts: links of mails and chats are opened by
 * scanners. Every form goes through `client/`, so that rules and refusals are those of the command line.
 */
import { Hono } from 'hono';
import type { Sluice } from '../client/sluice.js';
import type { Env } from './context.js';
import type { Desk } from './desk.js';
import { Feeds } from './feeds.js';
import { onlyHosts, onlyOwnForms, secureHeaders } from './guard.js';
import { Metrics } from './metrics.js';
import { Plans } from './plans.js';
import { limitRate } from './rate.js';
import { Receipts } from './receipts.js';
import { addClaims } from './routes/claim.js';
import { addCommands } from './routes/commands.js';
import { addDecision } from './routes/decision.js';
import { addHealth } from './routes/health.js';
import { addKey } from './routes/key.js';
import { addOverview } from './routes/overview.js';
import { addRun } from './routes/run.js';
import { addStep } from './routes/step.js';
import { Screen } from './screen.js';
import { localCookie, publicCookie, SessionCookie } from './session/cookie.js';
import { oidcLogIn } from './session/oidc.js';
import type { OidcSettings } from './session/oidc-settings.js';
import type { Sessions } from './session/sessions.js';
import { trustedLocal } from './session/trusted-local.js';
import { staticFiles } from './static.js';
import { Streams } from './streams.js';

export interface DashboardOptions {
  readonly client: Sluice;
  readonly sessions: Sessions;
  /** The origins of its pages, such as `http://127.0.0.1:8420`; no other `Host` is answered. */
  readonly origins: readonly string[];
  readonly port: number;
  /** Listens beyond this machine. */
  readonly insecure: boolean;
  /** The identity provider; null where names are claimed. */
  readonly oidc: OidcSettings | null;
}

export interface Dashboard {
  readonly app: Hono<Env>;
  /** Health and metrics alone, for machines that reach it under any host name. */
  readonly monitoring: Hono;
  /** How many open pages listen for changes. */
  readonly listening: number;
  /** Tells every open page that the server goes away, and ends what is followed. */
  close(): void;
}

export function createDashboard(options: DashboardOptions): Dashboard {
  const { client, sessions, origins, port, insecure, oidc } = options;
  const app = new Hono<Env>();
  const feeds = new Feeds(client);
  const streams = new Streams();
  const screen = new Screen(feeds, sessions, new Receipts(), { insecure, verified: oidc !== null });
  const cookie = new SessionCookie(
    sessions,
    oidc === null ? localCookie(port) : publicCookie(oidc.publicUrl),
  );
  const logIn = oidc === null ? trustedLocal(sessions, cookie) : oidcLogIn(oidc, sessions, cookie, screen);
  const metrics = new Metrics(feeds);
  const desk: Desk = { client, sessions, feeds, plans: new Plans(client), streams, screen };

  app.use(async (context, next) => {
    await next();
    metrics.answered(context.res.status);
  });
  app.use(secureHeaders);
  app.use(onlyHosts(origins.map((origin) => new URL(origin).host)));
  app.use(onlyOwnForms(origins));
  app.use(async (context, next) => {
    context.set('session', await cookie.read(context));
    return next();
  });
  app.use(limitRate(({ req }) => req.method === 'POST' || logIn.isAttempt(req.path)));
  app.onError((error, context) => screen.failed(context, error));
  app.notFound((context) => screen.notFound(context, 'There is no such page.'));

  app.get('/static/:file', staticFiles);
  addHealth(app, metrics, () => streams.count);
  logIn.addRoutes(app);
  app.use((context, next) =>
    context.var.session === null ? Promise.resolve(logIn.refuse(context)) : next(),
  );
  addOverview(app, desk);
  addRun(app, desk);
  addStep(app, desk);
  addDecision(app, desk);
  addClaims(app, desk);
  addCommands(app, desk);
  addKey(app, desk);

  const monitoring = new Hono();
  addHealth(monitoring, metrics, () => streams.count);

  return {
    app,
    monitoring,
    get listening() {
      return streams.count;
    },
    close: () => {
      streams.close();
      feeds.close();
    },
  };
}
