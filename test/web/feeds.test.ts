/** What open pages share: the engine is asked once for all of them, and a slow answer holds no page up. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SluiceError } from '../../client/error.js';
import type { OpenDecision } from '../../client/inbox.js';
import type { RunsOverview } from '../../client/overview.js';
import { type FeedClient, Feeds } from '../../web/feeds.js';
import { decision } from '../cli/fixtures.js';

const electorate = {
  roles: {},
  authority: { pause: [], abort: [], rollback: [], override: [] },
  submittedBy: 'rob',
  forbidSelfApproval: false,
};
const entry: OpenDecision = { run: 'r', strategy: 's', decision: decision(), electorate };

const NO_ENDED = { count: 0, latest: null, runs: [] };
const seen = (decisions: readonly OpenDecision[]) => ({ runs: [], decisions, ended: NO_ENDED });
const overview = vi.fn<FeedClient['overview']>();
const fail = (): never => {
  throw new Error('not asked here');
};
const client: FeedClient = {
  home: '/nowhere',
  view: fail,
  electorate: fail,
  watch: fail,
  overview,
  hasWorker: async () => true,
};

beforeEach(() => {
  vi.useFakeTimers();
  overview.mockReset().mockResolvedValue(seen([entry]));
});
afterEach(() => vi.useRealTimers());

test('the engine is asked once for all who look within two seconds', async () => {
  const feeds = new Feeds(client);
  await Promise.all([feeds.overview(), feeds.overview(), feeds.head()]);
  vi.advanceTimersByTime(1_900);
  expect((await feeds.overview()).inbox).toEqual([entry]);
  expect(overview).toHaveBeenCalledTimes(1);
});

test('the last answer is served while a slow engine is asked again', async () => {
  const feeds = new Feeds(client);
  await feeds.overview();
  let answer = (_: RunsOverview): void => undefined;
  const slow = new Promise<RunsOverview>((resolve) => {
    answer = resolve;
  });
  overview.mockReturnValue(slow);
  vi.advanceTimersByTime(5_000);
  expect((await feeds.overview()).inbox).toEqual([entry]);
  answer(seen([]));
  await vi.waitFor(async () => expect((await feeds.overview()).inbox).toEqual([]));
});

test('an answer of long ago is not shown, and neither is one from before a failure', async () => {
  const feeds = new Feeds(client);
  await feeds.overview();
  overview.mockResolvedValue(seen([]));
  vi.advanceTimersByTime(60_000);
  expect((await feeds.overview()).inbox).toEqual([]);
  overview.mockRejectedValue(new SluiceError('no-engine', 'No engine answers.', null));
  vi.advanceTimersByTime(5_000);
  await feeds.overview();
  await vi.waitFor(async () => expect(await feeds.head()).toBeNull());
});
