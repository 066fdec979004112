import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Command } from '@commander-js/extra-typings';
import { connect } from '../../client/connect.js';
import { SluiceError } from '../../client/error.js';
import { actionsWithoutLog, type FinishedAction, type JobLog, jobLogs } from '../../client/logs.js';
import { recordedRun } from '../../client/record.js';
import type { Sluice } from '../../client/sluice.js';
import { homeFolder } from '../../strategy/layout.js';
import type { RunEvent } from '../../strategy/run/event.js';
import { CliError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { eventLine } from '../show/event-line.js';
import type { Terminal } from '../terminal.js';
import { whichRun } from '../which-run.js';

/** What --json carries of one log, from its end; the file has all of it. */
const TAIL_BYTES = 64 * 1024;

export function logs(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the id of the run, or a prefix of it')
    .argument('<step>', 'the step, or the rollback level whose script ran')
    .addOption(flags.json())
    .action(async (wanted, step, options) => {
      const client = await connectIfThere(terminal);
      try {
        const run = client === null ? wanted : await whichRun(client, wanted);
        const found = await jobLogs(homeFolder(terminal.env), run, step);
        const others = actionsWithoutLog(await eventsIfKnown(client, terminal, run), step, found);
        if (found.length + others.length === 0) throw await nothingHere(client, run, step);
        if (options.json) {
          const logs = [...(await Promise.all(found.map(withTail))), ...others.map(fromRecord)];
          printResult(terminal, true, logs, () => []);
        } else {
          for (const log of found) await print(log, terminal);
          for (const action of others) printAction(action, terminal);
        }
        finish(EXIT.done);
      } finally {
        await client?.close();
      }
    });
}

/** The logs lie on this host's disk: an engine only helps with the start of a name. */
async function connectIfThere(terminal: Terminal): Promise<Sluice | null> {
  try {
    return await connect({ env: terminal.env });
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'no-engine') return null;
    throw error;
  }
}

/** The record of an ended run, or what a worker answers; empty without either, for what lies on this host is enough. */
async function eventsIfKnown(
  client: Sluice | null,
  terminal: Terminal,
  run: string,
): Promise<readonly RunEvent[]> {
  const recorded = await recordedRun(homeFolder(terminal.env), run);
  if (recorded !== null) return recorded.events;
  try {
    return client === null ? [] : await client.events(run);
  } catch (error) {
    if (error instanceof SluiceError) return [];
    throw error;
  }
}

function printAction(action: FinishedAction, terminal: Terminal): void {
  terminal.out(terminal.paint('strong', `== ${eventLine(action) ?? action.what}`));
  if (action.output !== '') terminal.out(action.output.trimEnd());
}

function fromRecord({ at, purpose, index, what, outcome, cause, durationMs, output }: FinishedAction) {
  return { at, purpose, index, what, outcome, cause, durationMs, text: output };
}

async function print(log: JobLog, terminal: Terminal): Promise<void> {
  terminal.out(terminal.paint('strong', `== ${log.job} (${log.bytes} bytes, ${log.file})`));
  let last = '\n';
  // Piece by piece: a command may have printed more than fits into memory.
  for await (const piece of createReadStream(log.file, 'utf8')) {
    const text = String(piece);
    await terminal.flush(text);
    last = text.at(-1) ?? last;
  }
  if (last !== '\n') terminal.out('');
}

async function withTail(log: JobLog): Promise<JobLog & { readonly text: string; readonly cut: boolean }> {
  const file = await open(log.file);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return { ...log, text: buffer.toString('utf8', 0, bytesRead), cut: size > TAIL_BYTES };
  } finally {
    await file.close();
  }
}

async function nothingHere(client: Sluice | null, run: string, step: string): Promise<CliError> {
  const where = `This host has no output of "${step}" of the run "${run}".`;
  if (client === null) {
    const advice = 'Give the full id of the run, or start the engine (sluice up) and see: sluice status.';
    return new CliError('no-logs', where, advice, EXIT.problems);
  }
  const { phases, host } = await client.view(run);
  const steps = phases.flatMap((phase) => phase.steps);
  const known = steps.find(({ id }) => id === step);
  if (known === undefined) {
    const ids = steps.map(({ id }) => id).join(', ');
    return new CliError(
      'no-step',
      `The run "${run}" has no step "${step}".`,
      `Its steps: ${ids}.`,
      EXIT.problems,
    );
  }
  const elsewhere =
    host === null
      ? 'This run has not run any commands yet.'
      : `Its commands run on ${host}: run sluice logs there.`;
  const advice = known.output === null ? elsewhere : `${elsewhere} Last lines: ${known.output}`;
  return new CliError('no-logs', where, advice, EXIT.problems);
}
