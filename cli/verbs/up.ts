import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';
import type { HostedEngine } from '../hosting.js';
import { withInterrupt } from '../interrupt.js';
import { SAY } from '../messages.js';
import { describeDecision } from '../show/decision.js';
import type { Terminal } from '../terminal.js';

export function up(program: Command, { terminal, finish }: CliContext): void {
  program
    .command('up')
    .description('host the engine and a worker here, and carry on every unfinished run, until Ctrl-C')
    .action(async () => {
      const { hostEngine } = await import('../hosting.js');
      await withInterrupt(
        () => terminal.note(SAY.stoppingHouse),
        async (interrupt) => {
          const house = await hostEngine(terminal);
          try {
            await greet(house, terminal);
            await Promise.race([house.worker.run, interrupt.fired]);
          } finally {
            await house.close();
          }
        },
      );
      finish(EXIT.done);
    });
}

/** Where the engine is, what goes on, and what waits for a person. */
async function greet(
  { client, embedded, dashboard, worker }: HostedEngine,
  terminal: Terminal,
): Promise<void> {
  const kind = embedded ? 'Engine' : 'Cluster';
  terminal.out(`${kind} at ${client.address}${dashboard === null ? '' : `, its page: ${dashboard}`}`);
  terminal.out(`Worker on ${worker.host}, task queue ${worker.taskQueue}`);
  const open = (await client.list()).filter(({ endedAt }) => endedAt === null);
  for (const { run, status, reason } of open) terminal.out(`Goes on: ${run} (${status}: ${reason})`);
  const { entries } = await client.inbox();
  for (const { run, decision } of entries)
    terminal.out(describeDecision(run, decision, terminal.paint).join('\n'));
  terminal.out(SAY.ready);
}
