/** One run: its page, pages of its steps, its record, and the view that all of them draw. */
import type { Hono } from 'hono';
import { recordedReport } from '../../client/report.js';
import { renderReportPage } from '../../strategy/report/page.js';
import { type Env, idOf, indexOf, sessionOf } from '../context.js';
import type { Desk } from '../desk.js';
import { EVENTS_SHOWN, Events } from '../pages/events.js';
import { PhasePage, STEPS_SHOWN } from '../pages/phase.js';
import { Run } from '../pages/run.js';
import { runPath } from '../paths.js';
import { commandsOf } from './commands.js';

export function addRun(app: Hono<Env>, desk: Desk): void {
  const { client, feeds, screen, streams } = desk;

  app.get('/runs/:run/live', (context) =>
    streams.answer(context, (listener) => feeds.listenToRun(idOf(context, 'run'), listener)),
  );

  app.get('/runs/:run', async (context) => {
    const run = idOf(context, 'run');
    const receipt = screen.receipt(context);
    const shown = await feeds.run(run, receipt !== null);
    const { view, trouble } = shown;
    // Who signs has to know which keys the run knows; nobody else waits for the plan.
    const plan = shown.electorate.installation === undefined ? null : await desk.plans.of(view);
    const commands = commandsOf(desk, shown, sessionOf(context), plan);
    const hideDone = context.req.query('show') === 'open';
    const main = <Run {...{ view, now: Date.now(), trouble, commands, hideDone }} />;
    return screen.show(context, { title: view.strategy.name, live: `${runPath(run)}/live`, receipt }, main);
  });

  app.get('/runs/:run/view.json', async (context) =>
    context.json((await feeds.run(idOf(context, 'run'))).view),
  );

  // As a file: it brings a style of its own, which the content policy of these pages does not admit.
  app.get('/runs/:run/report.html', async (context) => {
    const run = idOf(context, 'run');
    const report = (await recordedReport(client.home, run)) ?? (await client.report(run));
    return context.body(renderReportPage(report), 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Disposition': 'attachment; filename="report.html"',
    });
  });

  app.get('/runs/:run/phases/:phase', async (context) => {
    const [run, phase] = [idOf(context, 'run'), idOf(context, 'phase')];
    const from = indexOf(context.req.query('from'));
    const { view } = await feeds.run(run);
    if (!view.phases.some(({ id }) => id === phase))
      return screen.notFound(context, `The run "${run}" has no phase "${phase}".`);
    const steps = await client.steps(run, phase, from);
    const model = { view, now: Date.now(), phase, from, more: steps.length > STEPS_SHOWN };
    const main = <PhasePage {...model} steps={steps.slice(0, STEPS_SHOWN)} />;
    return screen.show(context, { title: phase, live: `${runPath(run)}/live` }, main);
  });

  app.get('/runs/:run/events', async (context) => {
    const run = idOf(context, 'run');
    const { view } = await feeds.run(run);
    const last = Math.max(0, view.seq - EVENTS_SHOWN);
    const asked = context.req.query('from');
    const from = asked === undefined ? last : Math.min(indexOf(asked), Math.max(0, view.seq - 1));
    const events = (await client.events(run, from)).slice(0, EVENTS_SHOWN);
    const main = <Events {...{ run, events, from, total: view.seq }} />;
    return screen.show(context, { title: 'Record', live: `${runPath(run)}/live` }, main);
  });
}
