/** What the routes of the dashboard work with. */
import type { Sluice } from '../client/sluice.js';
import type { Feeds } from './feeds.js';
import type { Screen } from './screen.js';
import type { Sessions } from './session/sessions.js';
import type { Streams } from './streams.js';

export interface Desk {
  readonly client: Sluice;
  readonly sessions: Sessions;
  readonly feeds: Feeds;
  readonly streams: Streams;
  readonly screen: Screen;
}

export const NO_NAME = 'Choose the name under which you act, at the top of the page.';
