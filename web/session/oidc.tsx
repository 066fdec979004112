/**
 * Log-in by an identity provider: the authorization code flow of OpenID Connect, with PKCE, state and nonce
 * (https://openid.net/specs/openid-connect-core-1_0.html, RFC 7636). A person is `iss|sub`; an e-mail address or name is
 * only a label. No token is kept: the session holds what the provider said, sealed, for eight hours.
 */
import type { Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  type IDToken,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { NAME_LIMIT } from '../../strategy/run/ballot.js';
import { type Env, formOf, type Request } from '../context.js';
import { Message } from '../pages/message.js';
import { ownPath } from '../paths.js';
import type { Screen } from '../screen.js';
import type { SessionCookie } from './cookie.js';
import type { LogIn } from './log-in.js';
import type { OidcSettings } from './oidc-settings.js';
import type { Account, Sessions } from './sessions.js';

const CALLBACK = '/callback';
const PENDING_SECONDS = 600;
/** A log-in that was asked for anew, for something that cannot be undone, may be so old when it comes back. */
const FRESH_SECONDS = 300;
const MOST_GROUPS = 50;

export function oidcLogIn(
  settings: OidcSettings,
  sessions: Sessions,
  cookie: SessionCookie,
  screen: Screen,
): LogIn {
  const { publicUrl } = settings;
  const redirectUri = new URL(CALLBACK, publicUrl).href;
  const pendingCookie = `${cookie.name}-login`;
  const cookieOptions = { httpOnly: true, sameSite: 'Lax', path: '/', secure: cookie.secure } as const;
  let found: Promise<Configuration> | null = null;

  /** Asked of the provider once; again after a failure. */
  const provider = (): Promise<Configuration> => {
    found ??= discover(settings).catch((error: unknown) => {
      found = null;
      throw error;
    });
    return found;
  };

  /** Sends the browser to the provider. @param fresh whoever is logged in there proves it once more */
  async function begin(context: Request): Promise<Response> {
    const fresh = context.req.query('fresh') !== undefined;
    const verifier = randomPKCECodeVerifier();
    const pending = { verifier, state: randomState(), nonce: randomNonce() };
    const url = buildAuthorizationUrl(await provider(), {
      redirect_uri: redirectUri,
      scope: settings.scope,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
      // With "max_age" the provider must also say when that was.
      ...(fresh ? { prompt: 'login', max_age: String(FRESH_SECONDS) } : {}),
    });
    const sealed = await sessions.sealPending({
      ...pending,
      next: ownPath(context.req.query('next')),
      fresh: fresh ? 'yes' : '',
    });
    setCookie(context, pendingCookie, sealed, { ...cookieOptions, maxAge: PENDING_SECONDS });
    return context.redirect(url.href, 303);
  }

  async function complete(context: Request): Promise<Response> {
    const pending = await sessions.openPending(getCookie(context, pendingCookie));
    deleteCookie(context, pendingCookie, cookieOptions);
    const { verifier, state, nonce, next, fresh } = pending ?? {};
    if (verifier === undefined || state === undefined || nonce === undefined) {
      return refused(context, 'This log-in was not begun here, or more than ten minutes ago.');
    }
    const { search } = new URL(context.req.url);
    const tokens = await authorizationCodeGrant(
      await provider(),
      // The address that the provider was given, whatever this request says of its host.
      new URL(`${CALLBACK}${search}`, publicUrl),
      {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
        ...(fresh === 'yes' ? { maxAge: FRESH_SECONDS } : {}),
      },
    );
    const claims = tokens.claims();
    if (claims === undefined) return refused(context, 'The identity provider sent no ID token.');
    const by = `${claims.iss}|${claims.sub}`;
    if (by.length > NAME_LIMIT)
      return refused(context, `Identities are limited to ${NAME_LIMIT} characters.`);
    await cookie.keep(context, { ...sessions.create(), by, account: accountOf(claims, settings) });
    return context.redirect(ownPath(next), 303);
  }

  async function end(context: Request): Promise<Response> {
    const { session } = context.var;
    const { token } = await formOf(context);
    if (session !== null && !sessions.isFormToken(token, session, 'log-out'))
      return screen.outOfDate(context);
    cookie.forget(context);
    return context.redirect('/logged-out', 303);
  }

  /** Ends here; the provider's own session ends by a link, since a form may not lead to another site. */
  async function ended(context: Request): Promise<Response> {
    const configuration = await provider();
    const elsewhere =
      configuration.serverMetadata().end_session_endpoint === undefined
        ? []
        : [
            {
              href: buildEndSessionUrl(configuration, { post_logout_redirect_uri: publicUrl.href }).href,
              text: 'Log out of the identity provider too',
            },
          ];
    const main = (
      <Message
        title="Logged out"
        text="You are logged out of this dashboard."
        links={[{ href: '/login', text: 'Log in' }, ...elsewhere]}
      />
    );
    return screen.show(context, { title: 'Logged out', live: null }, main);
  }

  function refused(context: Request, why: string): Promise<Response> {
    const main = (
      <Message title="Not logged in" text={why} links={[{ href: '/login', text: 'Log in again' }]} />
    );
    return screen.show(context, { title: 'Not logged in', live: null, status: 403 }, main);
  }

  /** An error of the provider or of the exchange with it; anything else is a bug. */
  const saying =
    (answer: (context: Request) => Promise<Response>) =>
    async (context: Context<Env>): Promise<Response> => {
      try {
        return await answer(context);
      } catch (error) {
        if (!(error instanceof Error && ('code' in error || error instanceof TypeError))) throw error;
        return refused(context, `The identity provider and this dashboard did not agree: ${error.message}.`);
      }
    };

  return {
    isAttempt: (path) => path === '/login' || path === CALLBACK,
    addRoutes(app: Hono<Env>): void {
      app.get('/login', saying(begin));
      app.get(CALLBACK, saying(complete));
      app.post('/logout', end);
      app.get('/logged-out', saying(ended));
    },
    refuse(context: Request): Promise<Response> {
      const url = new URL(context.req.url);
      const next = encodeURIComponent(`${url.pathname}${url.search}`);
      const main = (
        <Message
          title="Log in"
          text="This dashboard asks your identity provider who you are."
          links={[{ href: `/login?next=${next}`, text: 'Log in' }]}
        />
      );
      return screen.show(context, { title: 'Log in', live: null, status: 401 }, main);
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<Configuration> {
  // Settings allow plain HTTP for a provider on this machine only.
  const execute = issuer.protocol === 'http:' ? [allowInsecureRequests] : [];
  return discovery(issuer, clientId, clientSecret ?? undefined, undefined, { execute });
}

/** What of the provider's word is kept. */
function accountOf(claims: IDToken, { groupsClaim, actors }: OidcSettings): Account {
  const label = [claims.name, claims.preferred_username, claims.sub].find(
    (each) => typeof each === 'string' && each !== '',
  );
  const given = claims[groupsClaim];
  const groups = (Array.isArray(given) ? given : [])
    .filter((group): group is string => typeof group === 'string' && group.length <= NAME_LIMIT)
    .slice(0, MOST_GROUPS);
  return {
    label: String(label).slice(0, NAME_LIMIT),
    groups,
    readOnly: actors !== null && !groups.includes(actors),
    authenticatedAt: claims.auth_time ?? claims.iat,
  };
}
