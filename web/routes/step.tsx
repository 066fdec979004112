/** One step, and what its commands printed: live, searched here and not in the browser, and as a file. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Hono } from 'hono';
import { jobLogs } from '../../client/logs.js';
import type { Sluice } from '../../client/sluice.js';
import type { MigrationView, StepView } from '../../strategy/run/view.js';
import { type Env, idOf } from '../context.js';
import type { Desk } from '../desk.js';
import { logsOf } from '../logs.js';
import { StepPage } from '../pages/step.js';
import { stepPath } from '../paths.js';

export function addStep(app: Hono<Env>, { client, feeds, screen, streams }: Desk): void {
  app.get('/runs/:run/steps/:step', async (context) => {
    const [run, id] = [idOf(context, 'run'), idOf(context, 'step')];
    const { view } = await feeds.run(run);
    const step = await findStep(client, view, id);
    if (step === null) return screen.notFound(context, `The run "${run}" has no step "${id}".`);
    const search = context.req.query('q') ?? '';
    const { logs, actions } = await logsOf(client, run, id, search);
    const main = <StepPage {...{ view, step, logs, actions, search }} />;
    return screen.show(context, { title: id, live: `${stepPath(run, id)}/live` }, main);
  });

  app.get('/runs/:run/steps/:step/live', (context) =>
    streams.answer(context, (listener) =>
      feeds.listenToStep(idOf(context, 'run'), idOf(context, 'step'), listener),
    ),
  );

  app.get('/runs/:run/steps/:step/logs/:job', async (context) => {
    const [run, step, job] = [idOf(context, 'run'), idOf(context, 'step'), idOf(context, 'job')];
    // Looked up among those that are there: no path of a request reaches the disk.
    const log = (await jobLogs(client.home, run, step)).find((each) => each.job === job);
    if (log === undefined) return screen.notFound(context, `"${step}" has no log "${job}" on this host.`);
    return context.body(Readable.toWeb(createReadStream(log.file)), 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': `attachment; filename="${log.job.replace(/[^A-Za-z0-9._-]/g, '_')}.log"`,
    });
  });
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
