/** Answers with pages: what every page knows, around what each one draws. */
import type { Child } from 'hono/jsx';
import { SluiceError } from '../client/error.js';
import { isPassing } from '../client/session.js';
import { type Request, sessionOf } from './context.js';
import type { Feeds } from './feeds.js';
import { type Frame, layout } from './pages/layout.js';
import { Message } from './pages/message.js';
import type { Receipt, Receipts } from './receipts.js';
import type { Sessions } from './session/sessions.js';

export interface Shown {
  readonly title: string;
  /** The stream that says when to fetch the page again; null for a page that does not change. */
  readonly live: string | null;
  readonly receipt?: Receipt | null;
  readonly status?: 200 | 403 | 404 | 500 | 503;
  /** Nothing can be shown yet, and it is worth trying again. */
  readonly retry?: boolean;
}

export class Screen {
  readonly #feeds: Feeds;
  readonly #sessions: Sessions;
  readonly #receipts: Receipts;
  readonly #insecure: boolean;

  constructor(feeds: Feeds, sessions: Sessions, receipts: Receipts, insecure: boolean) {
    this.#feeds = feeds;
    this.#sessions = sessions;
    this.#receipts = receipts;
    this.#insecure = insecure;
  }

  async show(context: Request, shown: Shown, main: Child): Promise<Response> {
    const html = layout(await this.#frame(context, shown), main);
    return context.newResponse(html, shown.status ?? 200, { 'Content-Type': 'text/html; charset=UTF-8' });
  }

  /** What the form before this page came to; null when this page follows none. */
  receipt(context: Request): Receipt | null {
    return this.#receipts.find(sessionOf(context), context.req.query('receipt'));
  }

  /** Sends the browser on to a page that says what came of its form. */
  follow(context: Request, path: string, receipt: Receipt): Response {
    return context.redirect(`${path}?receipt=${this.#receipts.keep(sessionOf(context), receipt)}`, 303);
  }

  /** The same for a form that was refused; a reason that its writer typed is given back. */
  refuse(context: Request, path: string, why: string, reason: string): Response {
    const typed = reason.trim() === '' ? '' : ` You wrote: ${reason}`;
    return this.follow(context, path, { tone: 'bad', text: `${why}${typed}`, reason });
  }

  notFound(context: Request, text: string): Promise<Response> {
    return this.#message(context, { title: 'Not found', live: null, status: 404 }, text);
  }

  /** A form that was not made for this session, or for what its page showed. */
  outOfDate(context: Request): Promise<Response> {
    const text = 'This form is out of date, or was not made for you. Load its page again, and repeat it.';
    return this.#message(context, { title: 'Refused', live: null, status: 403 }, text);
  }

  /** What could not be shown, and why. */
  failed(context: Request, error: Error): Promise<Response> {
    if (!(error instanceof SluiceError)) {
      console.error(error);
      const text = 'This is a bug in sluice. Its log says more.';
      return this.#message(
        context,
        { title: 'Something unexpected happened', live: null, status: 500 },
        text,
      );
    }
    const text = textOf(error);
    if (error.code === 'no-run') return this.notFound(context, text);
    const retry = isPassing(error);
    return this.#message(context, { title: 'Not available now', live: null, status: 503, retry }, text);
  }

  #message(context: Request, shown: Shown, text: string): Promise<Response> {
    return this.show(context, shown, <Message title={shown.title} text={text} back="/" />);
  }

  async #frame(context: Request, { title, live, receipt = null, retry = false }: Shown): Promise<Frame> {
    const { session } = context.var;
    const head = session === null ? null : await this.#feeds.head();
    const url = new URL(context.req.url);
    url.searchParams.delete('receipt');
    return {
      title,
      path: `${url.pathname}${url.search}`,
      by: session?.by ?? null,
      nameToken: session === null ? '' : this.#sessions.formToken(session, 'me'),
      waiting: head?.waiting ?? null,
      noWorker: head?.worker === false,
      live,
      insecure: this.#insecure,
      receipt,
      retry,
    };
  }
}

/** An error and what to do about it, in one text. */
export function textOf({ message, advice }: SluiceError): string {
  return advice === null ? message : `${message} ${advice}`;
}
