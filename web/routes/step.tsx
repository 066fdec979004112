/** One step, and what its commands printed: live, searched here and not in the browser, by pages, and as a file. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Hono } from 'hono';
import { jobLogs } from '../../client/logs.js';
import type { Sluice } from '../../client/sluice.js';
import type { MigrationView, StepView } from '../../strategy/run/view.js';
import { type Env, idOf, indexOf, type Request } from '../context.js';
import type { Desk } from '../desk.js';
import { linesOf } from '../log-lines.js';
import { headOf, logsOf } from '../logs.js';
import { LINES_SHOWN, LogPage } from '../pages/log.js';
import { StepPage } from '../pages/step.js';
import { stepPath } from '../paths.js';

export function addStep(app: Hono<Env>, desk: Desk): void {
  const { client, feeds, plans, screen, streams } = desk;

  app.get('/runs/:run/steps/:step', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'step')];
    const { view } = await feeds.run(run);
    const step = await findStep(client, view, id);
    if (step === null) return screen.notFound(context, `The run "${run}" has no step "${id}".`);
    const search = context.req.query('q') ?? '';
    const plan = await plans.of(view);
    const planned = plan?.phases.flatMap(({ steps }) => steps).find((each) => each.id === id) ?? null;
    const printed = await logsOf(client, run, id, search, plan);
    const main = <StepPage {...{ view, step, planned, now: Date.now(), search, ...printed }} />;
    return screen.show(context, { title: id, live: `${stepPath(run, id)}/live` }, main);
  });

  app.get('/runs/:run/steps/:step/live', (context) =>
    streams.answer(context, (listener) =>
      feeds.listenToStep(idOf(context, 'run'), idOf(context, 'step'), listener),
    ),
  );

  app.get('/runs/:run/steps/:step/logs/:job', async (context) => {
    const [run, step] = [idOf(context, 'run'), idOf(context, 'step')];
    const { files, log } = await findLog(desk, context);
    if (log === undefined) return noLog(desk, context);
    const line = indexOf(context.req.query('line'));
    const first = line === 0 ? -LINES_SHOWN : Math.floor((line - 1) / LINES_SHOWN) * LINES_SHOWN + 1;
    const [part, events, { view }] = await Promise.all([
      linesOf(log.file, first, LINES_SHOWN),
      client.events(run),
      feeds.run(run),
    ]);
    const head = headOf(log, files, events, step, await plans.of(view));
    const from = (part.lines[0]?.number ?? 1) - 1;
    const main = <LogPage {...{ run, step, from }} log={{ ...head, ...part, found: null }} />;
    return screen.show(context, { title: `Output of ${step}`, live: `${stepPath(run, step)}/live` }, main);
  });

  app.get('/runs/:run/steps/:step/logs/:job/raw', async (context) => {
    const { log } = await findLog(desk, context);
    if (log === undefined) return noLog(desk, context);
    return context.body(Readable.toWeb(createReadStream(log.file)), 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': `attachment; filename="${log.job.replace(/[^A-Za-z0-9._-]/g, '_')}.log"`,
    });
  });
}

/** Looked up among those that are there: no path of a request reaches the disk. */
async function findLog({ client }: Desk, context: Request) {
  const files = await jobLogs(client.home, idOf(context, 'run'), idOf(context, 'step'));
  return { files, log: files.find(({ job }) => job === idOf(context, 'job')) };
}

function noLog({ screen }: Desk, context: Request): Promise<Response> {
  const text = `"${idOf(context, 'step')}" has no log "${idOf(context, 'job')}" on this host.`;
  return screen.notFound(context, text);
}

/** The step, also of a large run, whose view lists only some. */
async function findStep(client: Sluice, view: MigrationView, id: string): Promise<StepView | null> {
  const listed = view.phases.flatMap((phase) => phase.steps).find((step) => step.id === id);
  if (listed !== undefined) return listed;
  for (const phase of view.phases) {
    for (let from = 0; phase.omitted !== null; ) {
      const page = await client.steps(view.run, phase.id, from);
      const found = page.find((step) => step.id === id);
      if (found !== undefined) return found;
      if (page.length === 0) break;
      from += page.length;
    }
  }
  return null;
}
