/** What waits for people, and the runs. */
import type { Hono } from 'hono';
import { type Env, indexOf, sessionOf } from '../context.js';
import { actingOf, type Desk } from '../desk.js';
import { Inbox } from '../pages/inbox.js';
import { Runs, type RunsFilter } from '../pages/runs.js';

export function addOverview(app: Hono<Env>, { feeds, screen, streams }: Desk): void {
  app.get('/', async (context) => {
    const acting = actingOf(sessionOf(context));
    const actor = 'refusal' in acting ? null : acting;
    const { inbox } = await feeds.overview();
    const main = (
      <Inbox entries={inbox} from={indexOf(context.req.query('from'))} now={Date.now()} actor={actor} />
    );
    return screen.show(context, { title: 'Needs you', live: '/live' }, main);
  });

  app.get('/runs', async (context) => {
    const { runs } = await feeds.overview();
    const filter: RunsFilter = {
      words: context.req.query('q') ?? '',
      show: showOf(context.req.query('show')),
    };
    const main = <Runs runs={runs} filter={filter} from={indexOf(context.req.query('from'))} />;
    return screen.show(context, { title: 'Runs', live: '/live' }, main);
  });

  app.get('/live', (context) => streams.answer(context, (listener) => feeds.listenToOverview(listener)));
}

function showOf(text: string | undefined): RunsFilter['show'] {
  return text === 'open' || text === 'ended' ? text : 'all';
}
