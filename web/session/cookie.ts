/** The session of a request, in a cookie that is named after the port: cookies ignore ports, and one machine may show two dashboards. */
import { getCookie, setCookie } from 'hono/cookie';
import type { Request } from '../context.js';
import type { Session, Sessions } from './sessions.js';

const KEPT_SECONDS = 30 * 24 * 3600;

export class SessionCookie {
  readonly #sessions: Sessions;
  readonly #name: string;

  constructor(sessions: Sessions, port: number) {
    this.#sessions = sessions;
    this.#name = `sluice-${port}`;
  }

  read(context: Request): Promise<Session | null> {
    return this.#sessions.open(getCookie(context, this.#name));
  }

  async keep(context: Request, session: Session): Promise<void> {
    // Lax, so that a link from a mail or chat leads to the decision; strict would ask for the token again.
    setCookie(context, this.#name, await this.#sessions.seal(session), {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: KEPT_SECONDS,
    });
  }
}
