/** The outcome of a command, read from its job folder, as the run gets it. */
import { titleOf } from '../../../strategy/kinds/effects/index.js';
import type { CommandAction } from '../../../strategy/plan.js';
import type { EffectJob, EffectOutcome } from '../../contract.js';
import { tailOf } from '../../tail.js';
import { causeOfExit, durationText } from '../../wording.js';
import { type ExitRecord, outputFile } from './job.js';

export function outcomeOfExit(
  job: EffectJob<CommandAction>,
  folder: string,
  exit: ExitRecord,
  since: number,
): EffectOutcome {
  const durationMs = Math.max(0, exit.at - since);
  const lost = exit.outputLost === null ? '' : `\n[part of the output is missing: ${exit.outputLost}]`;
  const output = tailOf(outputFile(folder)) + lost;
  const { exitCode } = exit;
  if (exit.notStarted !== null) return { ...nothingRun(`Nothing was run: ${exit.notStarted}`), durationMs };
  if (exitCode === 0) return { outcome: 'done', exitCode, durationMs, output };
  const late = exit.signal !== null && exit.at >= since + job.timeoutMs;
  const cause = late ? timeoutCause(job) : causeOfExit(titleOf(job.action), exit);
  return { outcome: 'failed', cause, exitCode, durationMs, output };
}

export function nothingRun(cause: string): Extract<EffectOutcome, { outcome: 'failed' }> {
  return { outcome: 'failed', cause, exitCode: null, durationMs: 0, output: '' };
}

export function unknown(folder: string, since: number, remains = ''): EffectOutcome {
  const cause = `It started, but its result is unknown: its supervisor was killed, or the host was lost. ${remains}Check what it was meant to change, then answer whether it happened.`;
  return {
    outcome: 'unknown',
    cause,
    durationMs: Math.max(0, Date.now() - since),
    output: tailOf(outputFile(folder)),
  };
}

export function timeoutCause(job: EffectJob<CommandAction>): string {
  return `It timed out after ${durationText(job.timeoutMs)} and was killed with all its processes. Give the step a longer x-timeout, or find out what it waited for.`;
}
