/** The session of a request, in a cookie. */
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Request } from '../context.js';
import type { Session, Sessions } from './sessions.js';

export interface CookieSettings {
  readonly name: string;
  /** Sent over HTTPS only. */
  readonly secure: boolean;
  readonly keptSeconds: number;
}

/** Named after the port: cookies ignore ports, and one machine may show two dashboards. */
export function localCookie(port: number): CookieSettings {
  return { name: `sluice-${port}`, secure: false, keptSeconds: 30 * 24 * 3600 };
}

/** Of a dashboard behind a log-in. Browsers take a name that begins with `__Host-` from this host by HTTPS only. */
export function publicCookie(publicUrl: URL): CookieSettings {
  const secure = publicUrl.protocol === 'https:';
  return { name: secure ? '__Host-sluice' : `sluice-${publicUrl.port}`, secure, keptSeconds: 8 * 3600 };
}

export class SessionCookie implements Pick<CookieSettings, 'name' | 'secure'> {
  readonly name: string;
  readonly secure: boolean;
  readonly #sessions: Sessions;
  readonly #keptSeconds: number;

  constructor(sessions: Sessions, { name, secure, keptSeconds }: CookieSettings) {
    this.#sessions = sessions;
    this.name = name;
    this.secure = secure;
    this.#keptSeconds = keptSeconds;
  }

  read(context: Request): Promise<Session | null> {
    return this.#sessions.open(getCookie(context, this.name));
  }

  async keep(context: Request, session: Session): Promise<void> {
    // Lax, so that a link from a mail or chat leads to the decision; strict would ask for the log-in again.
    setCookie(context, this.name, await this.#sessions.seal(session, this.#keptSeconds), {
      ...{ httpOnly: true, sameSite: 'Lax', path: '/', secure: this.secure },
      maxAge: this.#keptSeconds,
    });
  }

  forget(context: Request): void {
    deleteCookie(context, this.name, { path: '/', secure: this.secure });
  }
}
