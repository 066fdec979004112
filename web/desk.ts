/** What the routes of the dashboard work with, and who may act at all. */
import type { Sluice } from '../client/sluice.js';
import type { Feeds } from './feeds.js';
import type { Plans } from './plans.js';
import type { Screen } from './screen.js';
import type { Session, Sessions } from './session/sessions.js';
import type { Streams } from './streams.js';

export interface Desk {
  readonly client: Sluice;
  readonly sessions: Sessions;
  readonly feeds: Feeds;
  readonly plans: Plans;
  readonly streams: Streams;
  readonly screen: Screen;
}

/** Somebody who may act, as far as the dashboard can tell: the run has the last word. */
export interface Acting {
  readonly by: string;
  /** The groups that an identity provider vouches for; absent where names are claimed. */
  readonly groups?: readonly string[];
}

const NO_NAME = 'Choose the name under which you act, at the top of the page.';
const READ_ONLY =
  'You may only read here: your identity provider does not list you in the group that may act on this dashboard.';

/** Who acts, or why they may not. */
export function actingOf({ by, account }: Session): Acting | { readonly refusal: string } {
  if (account?.readOnly === true) return { refusal: READ_ONLY };
  if (by === null) return { refusal: NO_NAME };
  return account === null ? { by } : { by, groups: account.groups };
}

/** What cannot be undone is asked only of somebody who has logged in this recently. */
const FRESH_MS = 5 * 60_000;

/** True when this person must prove who they are once more before something that cannot be undone. */
export function mustProveAgain({ account }: Session, now: number): boolean {
  return account !== null && now - account.authenticatedAt * 1000 > FRESH_MS;
}
