import type { Child } from 'hono/jsx';
import type { OpenHead } from '../feeds.js';
import { decisionPath } from '../paths.js';
import type { Receipt } from '../receipts.js';
import { Notice } from './parts.js';

/** What every page knows. */
export interface Frame {
  readonly title: string;
  /** Where the page is, with its query. */
  readonly path: string;
  /** The name under which the viewer acts; null until one is chosen. */
  readonly by: string | null;
  /** For the form that chooses it. */
  readonly nameToken: string;
  /** Who is logged in by an identity provider, with the token of the log-out. */
  readonly account: { readonly label: string; readonly token: string } | null;
  /** Names come from an identity provider, so that nobody chooses one. */
  readonly verified: boolean;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  /** Open decisions across runs; null when they are not known. */
  readonly waiting: number | null;
  /** An open decision that the page itself does not show, and how many more there are; null when there is none. */
  readonly elsewhere: { readonly first: OpenHead; readonly more: number } | null;
  /** The stream that says when to fetch the page again; null for a page that does not change. */
  readonly live: string | null;
  /** Listens beyond this machine although names are only claimed. */
  readonly insecure: boolean;
  /** No worker polls the engine: nothing goes on. */
  readonly noWorker: boolean;
  /** What came of the form before this page; null when there was none. */
  readonly receipt: Receipt | null;
  /** Nothing can be shown yet: the page tries again by itself. */
  readonly retry: boolean;
}

/** A whole document. */
export function layout(frame: Frame, main: Child): string {
  const { title, path, by, waiting, live, insecure, noWorker, receipt, retry } = frame;
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${waiting === null || waiting === 0 ? '' : `(${waiting}) `}${title} · sluice`}</title>
        <link rel="stylesheet" href="/static/style.css" />
        <link rel="icon" href="/static/icon.svg" type="image/svg+xml" />
        <script src="/static/idiomorph.js" defer />
        <script src="/static/live.js" defer />
        <script src="/static/keys.js" defer />
      </head>
      <body data-live={live ?? ''} data-now={String(frame.now)} data-retry={retry ? 'yes' : undefined}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <nav aria-label="Pages">
            <a class="brand" href="/">
              sluice
            </a>
            <a href="/" aria-current={path === '/' ? 'page' : undefined}>
              Needs you
              {waiting !== null && waiting > 0 && <span class="count">{waiting}</span>}
            </a>
            <a href="/runs" aria-current={path.startsWith('/runs') ? 'page' : undefined}>
              Runs
            </a>
          </nav>
          {frame.verified ? <LoggedIn account={frame.account} by={by} /> : <ActAs frame={frame} />}
        </header>
        {insecure && (
          <p class="banner bad">
            This dashboard listens beyond this machine, and names are only claimed: anyone who has its URL can
            vote under any name.
          </p>
        )}
        <p class="banner bad" id="connection" hidden>
          The connection is lost. What you see may be old. Reconnecting.
        </p>
        <p class="visually-hidden" role="status" id="announce" />
        <div id="worker">
          {noWorker && (
            <p class="banner bad">
              No worker polls the engine: runs wait, and votes are not taken. Start one: sluice up, or sluice
              worker.
            </p>
          )}
        </div>
        <div id="elsewhere">
          {frame.elsewhere !== null && (
            <Elsewhere first={frame.elsewhere.first} more={frame.elsewhere.more} />
          )}
        </div>
        {receipt !== null && <Notice text={receipt.text} tone={receipt.tone} />}
        <main id="main">{main}</main>
        <footer class="foot">
          <button type="button" data-zone hidden>
            Times in UTC
          </button>
          <a href="/key">Your key</a>
        </footer>
      </body>
    </html>
  );
  return `<!doctype html>\n${String(page)}\n`;
}

/** A document for somebody who is not let in: it shows nothing of any run, and has nothing to click. */
export function closedDoor(title: string, text: string): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · sluice`}</title>
        <link rel="stylesheet" href="/static/style.css" />
        <link rel="icon" href="/static/icon.svg" type="image/svg+xml" />
      </head>
      <body>
        <header class="top">
          <span class="brand">sluice</span>
        </header>
        <main id="main">
          <h1>{title}</h1>
          <p>{text}</p>
        </main>
      </body>
    </html>
  );
  return `<!doctype html>\n${String(page)}\n`;
}

/** What waits for a person stays in sight on pages that are about something else. */
function Elsewhere({ first, more }: NonNullable<Frame['elsewhere']>) {
  return (
    <p class="elsewhere">
      <span aria-hidden="true">?</span>
      <a href={decisionPath(first.run, first.id)}>{first.question}</a>
      <span>
        {' '}
        waits in {first.run}
        {more > 0 && (
          <>
            , and <a href="/">{more} more</a>
          </>
        )}
        .
      </span>
    </p>
  );
}

/** The name is claimed, and so it is chosen. */
function ActAs({ frame: { nameToken, path, by } }: { readonly frame: Frame }) {
  return (
    <form class="me" id="me" method="post" action="/me">
      <input type="hidden" name="token" value={nameToken} />
      <input type="hidden" name="next" value={path} />
      <label>
        Act as <input name="by" value={by ?? ''} maxlength={200} required autocomplete="username" size={14} />
      </label>
      <button type="submit">{by === null ? 'Set' : 'Change'}</button>
    </form>
  );
}

function LoggedIn({ account, by }: Pick<Frame, 'account' | 'by'>) {
  if (account === null) return null;
  return (
    <form class="me" id="me" method="post" action="/logout">
      <input type="hidden" name="token" value={account.token} />
      <span title={by ?? undefined}>{account.label}</span>
      <button type="submit">Log out</button>
    </form>
  );
}
