/** A command as a probe: exit status 0 passes, another fails, and one that could not run to its end says nothing. */
import { closeSync } from 'node:fs';
import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import type { CommandAction } from '../../strategy/plan.js';
import { environmentOf } from '../environment.js';
import { type GroupResult, runInGroup } from '../group.js';
import { takePipe } from '../pipes.js';
import { programOf } from '../program.js';
import { Redactor } from '../redact.js';
import { lastLine } from '../tail.js';
import { durationText } from '../wording.js';
import { broken, type Evaluator, fail, type ProbeContext, type ProbeResult, pass } from './verdict.js';

/** Bytes of output kept: evidence is one line of it, a metric one number. */
const KEPT = 64 * 1024;
/** How long a left-behind process may hold the pipe open before the output counts as complete. */
const QUIET_MS = 100;

export interface Ran extends GroupResult {
  /** Both streams; the end of them. May hold secrets: to be read, not told. */
  readonly output: string;
  /** The same without secrets. They are taken out as it comes, before anything is cut off. */
  readonly shown: string;
}

/** `args` become "$1", "$2". */
export const evaluateCommand: Evaluator<ProbeOf<'command'>> = ({ text, args }, context) =>
  judgeRun({ kind: 'command', text }, args, context);

export const evaluateScript: Evaluator<ProbeOf<'script'>> = ({ path, sha256 }, context) =>
  judgeRun({ kind: 'script', path, sha256 }, [], context);

/** Throws `Refusal` or `UnresolvedReference`. */
async function judgeRun(
  action: CommandAction,
  args: readonly string[],
  context: ProbeContext,
): Promise<ProbeResult> {
  const ran = await runProbe(action, args, context);
  const line = lastLine(ran.shown);
  const evidence = line === '' ? '' : `: ${line}`;
  if (ran.ended === 'timeout')
    return broken(`it took longer than ${durationText(context.timeoutMs)} and was killed${evidence}`);
  if (ran.ended === 'interrupted') return broken('it was interrupted');
  if (ran.signal !== null) return broken(`it was ended by ${ran.signal}${evidence}`);
  if (ran.exitCode === 0) return pass(line === '' ? 'exited with 0' : line);
  if (ran.exitCode === 127) return broken(`the program was not found (exited with 127)${evidence}`);
  if (ran.exitCode === 126) return broken(`the program is not executable (exited with 126)${evidence}`);
  return fail(`exited with ${ran.exitCode}${evidence}`);
}

/** Runs to the end, or ends it with its whole group. */
export async function runProbe(
  action: CommandAction,
  args: readonly string[],
  context: ProbeContext,
): Promise<Ran> {
  const [file = '', ...rest] = await programOf(action, context.run.workspace, args);
  const env = await environmentOf(context.run, context.env, null);
  const pipe = await takePipe();
  const redactor = new Redactor(context.forms);
  let output = Buffer.alloc(0);
  let shown = Buffer.alloc(0);
  const closed = new Promise<void>((resolve) => {
    pipe.read.on('data', (chunk: Buffer) => {
      output = Buffer.concat([output, chunk]).subarray(-KEPT);
      shown = Buffer.concat([shown, redactor.push(chunk)]).subarray(-KEPT);
    });
    pipe.read.on('error', () => resolve());
    pipe.read.on('close', () => resolve());
  });
  const running = runInGroup(file, rest, {
    cwd: context.run.workspace,
    env,
    output: pipe.write,
    timeoutMs: context.timeoutMs,
    graceMs: context.killGraceMs,
    signal: context.signal,
  });
  closeSync(pipe.write);
  try {
    const exit = await running;
    await Promise.race([closed, wait(QUIET_MS)]);
    shown = Buffer.concat([shown, redactor.end()]).subarray(-KEPT);
    return { ...exit, output: output.toString('utf8'), shown: shown.toString('utf8') };
  } finally {
    pipe.read.destroy();
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
