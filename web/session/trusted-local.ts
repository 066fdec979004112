/**
 * The trusted local mode: anyone who has the link that `sluice up` prints is let in, and states the name they act under. The
 * record has that name as claimed. The link's token leaves the address bar at once, for a cookie.
 */
import type { Hono } from 'hono';
import { NAME_LIMIT } from '../../strategy/run/ballot.js';
import { type Env, formOf, type Request, sessionOf } from '../context.js';
import { closedDoor } from '../pages/layout.js';
import { ownPath } from '../paths.js';
import type { SessionCookie } from './cookie.js';
import type { LogIn } from './log-in.js';
import type { Sessions } from './sessions.js';

const OUT_OF_DATE =
  'This form is out of date, or was not made for you. Go back, load the page again, and repeat it.';

export function trustedLocal(sessions: Sessions, cookie: SessionCookie): LogIn {
  return {
    isAttempt: (path) => path === '/open',
    addRoutes(app: Hono<Env>): void {
      app.get('/open', async (context) => {
        if (!sessions.isAccessToken(context.req.query('token') ?? '')) {
          const text =
            'This link is not valid for this dashboard. Open the one that `sluice up` or `sluice web` printed.';
          return context.html(closedDoor('Not let in', text), 401);
        }
        await cookie.keep(context, context.var.session ?? sessions.create());
        return context.redirect(ownPath(context.req.query('next')), 303);
      });
      app.post('/me', async (context) => {
        if (context.var.session === null) return refuse(context);
        const session = sessionOf(context);
        const form = await formOf(context);
        if (!sessions.isFormToken(form.token, session, 'me'))
          return context.html(closedDoor('Refused', OUT_OF_DATE), 403);
        const by = form.by.trim().slice(0, NAME_LIMIT);
        await cookie.keep(context, { ...session, by: by === '' ? null : by });
        return context.redirect(ownPath(form.next), 303);
      });
    },
    refuse,
  };
}

function refuse(context: Request): Response {
  const text =
    'Open the dashboard with the link that `sluice up` or `sluice web` printed: it proves that you may.';
  return context.html(closedDoor('Not let in', text), 401);
}
