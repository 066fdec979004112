import type { Command } from '@commander-js/extra-typings';
import { connect } from '../../client/connect.js';
import { resolveEngine } from '../../client/engine.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';
import { withInterrupt } from '../interrupt.js';
import { MESSAGES } from '../messages.js';
import type { Terminal } from '../terminal.js';

export function worker(command: Command, { terminal, finish }: CliContext): void {
  command.action(async () => {
    await withInterrupt(
      () => terminal.note(MESSAGES.stoppingEngine),
      (interrupt) => work(terminal, interrupt.fired),
    );
    finish(EXIT.done);
  });
}

async function work(terminal: Terminal, fired: Promise<void>): Promise<void> {
  const { env } = terminal;
  const choice = resolveEngine(env);
  // Connecting first says in a second, and in plain words, when there is no engine.
  const client = await connect({ env });
  const { address, namespace, home } = client;
  await client.close();
  const { startWorker } = await import('../../worker/worker.js');
  const connection = choice.kind === 'configured' ? choice.connection : { address };
  const running = await startWorker({
    home,
    env,
    log: (line) => terminal.note(`sluice: ${line}`),
    connection,
    namespace,
  });
  terminal.out(`Worker on ${running.host}, task queue ${running.taskQueue}, engine ${address}`);
  terminal.out(MESSAGES.ready);
  try {
    await Promise.race([running.run, fired]);
  } finally {
    await running.shutdown();
  }
}
