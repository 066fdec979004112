/** Answers with pages: what every page knows, around what each one draws. */
import type { Child } from 'hono/jsx';
import { SluiceError } from '../client/error.js';
import { isPassing } from '../client/session.js';
import { type Request, sessionOf } from './context.js';
import type { Feeds, PageHead } from './feeds.js';
import { type Frame, layout } from './pages/layout.js';
import { Message } from './pages/message.js';
import { runPath } from './paths.js';
import type { Receipt, Receipts } from './receipts.js';
import type { Sessions } from './session/sessions.js';

export interface Shown {
  readonly title: string;
  /** The stream that says when to fetch the page again; null for a page that does not change. */
  readonly live: string | null;
  readonly receipt?: Receipt | null;
  readonly status?: 200 | 401 | 403 | 404 | 500 | 503;
  /** Nothing can be shown yet, and it is worth trying again. */
  readonly retry?: boolean;
}

const PROVE_AGAIN =
  'This cannot be undone, and you logged in more than five minutes ago. Log in once more, then repeat it: nothing was sent yet.';
const NOT_SENT =
  'You have logged in again. Nothing was sent yet: repeat your answer. What you wrote is kept.';

export class Screen {
  readonly #feeds: Feeds;
  readonly #sessions: Sessions;
  readonly #receipts: Receipts;
  readonly #insecure: boolean;
  readonly #verified: boolean;

  /** @param verified names come from an identity provider, so that nobody chooses one */
  constructor(
    feeds: Feeds,
    sessions: Sessions,
    receipts: Receipts,
    { insecure, verified }: { readonly insecure: boolean; readonly verified: boolean },
  ) {
    this.#feeds = feeds;
    this.#sessions = sessions;
    this.#receipts = receipts;
    this.#insecure = insecure;
    this.#verified = verified;
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

  /**
   * Asks who is there once more, before what cannot be undone, and leads back to the page with what was typed. By a link:
   * browsers let no form lead to another site, not even by a redirect.
   */
  proveAgain(context: Request, path: string, reason: string): Promise<Response> {
    const receipt = this.#receipts.keep(sessionOf(context), { tone: 'bad', text: NOT_SENT, reason });
    const next = encodeURIComponent(`${path}?receipt=${receipt}`);
    const links = [{ href: `/login?fresh=yes&next=${next}`, text: 'Log in once more' }];
    const main = <Message title="Who are you?" text={PROVE_AGAIN} links={links} />;
    return this.show(context, { title: 'Who are you?', live: null, status: 403 }, main);
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
    return this.show(
      context,
      shown,
      <Message title={shown.title} text={text} links={[{ href: '/', text: 'Back' }]} />,
    );
  }

  async #frame(context: Request, { title, live, receipt = null, retry = false }: Shown): Promise<Frame> {
    const { session } = context.var;
    const head = session === null ? null : await this.#feeds.head();
    const url = new URL(context.req.url);
    url.searchParams.delete('receipt');
    return {
      title,
      now: Date.now(),
      path: `${url.pathname}${url.search}`,
      by: session?.by ?? null,
      nameToken: session === null ? '' : this.#sessions.formToken(session, 'me'),
      account:
        session?.account == null
          ? null
          : { label: session.account.label, token: this.#sessions.formToken(session, 'log-out') },
      verified: this.#verified,
      waiting: head?.waiting ?? null,
      elsewhere: elsewhereOf(head, url.pathname),
      noWorker: head?.worker === false,
      live,
      insecure: this.#insecure,
      receipt,
      retry,
    };
  }
}

/** The first page shows all that is open, and the pages of a run show what is open there. */
function elsewhereOf(head: PageHead | null, path: string): Frame['elsewhere'] {
  if (head === null || path === '/') return null;
  const others = head.open.filter(({ run }) => !`${path}/`.startsWith(`${runPath(run)}/`));
  const [first] = others;
  const hidden = head.waiting - head.open.length;
  return first === undefined ? null : { first, more: others.length - 1 + hidden };
}

/** An error and what to do about it, in one text. */
export function textOf({ message, advice }: SluiceError): string {
  return advice === null ? message : `${message} ${advice}`;
}
