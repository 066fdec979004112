/** Traffic by commands: one sets the percentage, one prints it. So kubectl, a mesh and every other tool can be used. */
import type { TrafficSource } from '../../../strategy/plan.js';
import { runProbe } from '../../probes/command.js';
import { type ProbeContext, redactedLine } from '../../probes/verdict.js';
import { Refusal } from '../../refusal.js';
import { lastLine } from '../../tail.js';
import type { TrafficPort } from './port.js';

export function commandPort(
  { get, set }: Extract<TrafficSource, { kind: 'command' }>,
  context: ProbeContext,
): TrafficPort {
  return {
    read: async () => percentIn(await output(get, [], context), `"${get}"`),
    settingFor: (percent) => String(percent),
    set: async (setting) => {
      await output(set, [setting], context);
    },
  };
}

/** A percentage as another program says it: "5", "5%" and "5.0" are one. @throws Refusal */
export function percentIn(text: string, where: string): string {
  const value = Number(text.trim().replace(/\s*%$/, ''));
  if (text.trim() !== '' && value >= 0 && value <= 100) return String(value);
  throw new Refusal(
    `${where} answers "${text.trim().slice(0, 60)}", which is not a percentage from 0 to 100. Nothing was changed.`,
  );
}

async function output(command: string, args: readonly string[], context: ProbeContext): Promise<string> {
  const ran = await runProbe({ kind: 'command', text: command }, args, context);
  const line = lastLine(ran.shown);
  if (ran.ended === null && ran.exitCode === 0) return lastLine(ran.output);
  const ended =
    ran.ended === null ? `exited with ${ran.exitCode ?? ran.signal}` : `was stopped (${ran.ended})`;
  throw new Refusal(`"${command}" ${ended}: ${redactedLine(context, line)}`);
}
