import type { Command } from '@commander-js/extra-typings';
import { statusLabel } from '../../strategy/run/labels.js';
import type { CliContext } from '../context.js';
import { openDashboard } from '../dashboard.js';
import { EXIT } from '../exit.js';
import type { HostedWorker } from '../hosting.js';
import { withInterrupt } from '../interrupt.js';
import { MESSAGES } from '../messages.js';
import { describeSummary } from '../show/decision.js';
import type { Terminal } from '../terminal.js';
import { port } from './web.js';

export function up(command: Command, { terminal, finish }: CliContext): void {
  command
    .option('--port <number>', "the dashboard's port (default: the first free one from 8420 on)", port)
    .action(async (options) => {
      const { hostWorker } = await import('../hosting.js');
      await withInterrupt(
        () => terminal.note(MESSAGES.stoppingEngine),
        async (interrupt) => {
          const hosted = await hostWorker(terminal);
          try {
            if (interrupt.signal.aborted) return;
            const dashboard = await openDashboard(hosted.client, { port: options.port });
            try {
              await hosted.announce(dashboard.url);
              await greet(hosted, dashboard.url, terminal);
              await Promise.race([hosted.worker.run, interrupt.fired]);
            } finally {
              await hosted.announce(null);
              await dashboard.close();
            }
          } finally {
            await hosted.close();
          }
        },
      );
      finish(EXIT.done);
    });
}

/** Where the engine is, which runs continue, and what waits for people. */
async function greet(
  { client, embedded, engineUi, worker }: HostedWorker,
  dashboard: string,
  terminal: Terminal,
): Promise<void> {
  terminal.out(`Dashboard: ${dashboard}`);
  const kind = embedded ? 'Engine' : 'Cluster';
  terminal.out(
    `${kind} at ${client.address}${engineUi === null ? '' : `, Temporal's own page: ${engineUi}`}`,
  );
  terminal.out(`Worker on ${worker.host}, task queue ${worker.taskQueue}`);
  const open = (await client.list()).filter(({ endedAt }) => endedAt === null);
  for (const { run, status } of open) terminal.out(`Continues: ${run} (${statusLabel(status)})`);
  const { entries } = await client.inbox();
  for (const { run, decision } of entries) terminal.out(describeSummary(run, decision, terminal).join('\n'));
  terminal.out(MESSAGES.ready);
}
