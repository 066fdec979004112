/**
 * Traffic through nginx or HAProxy: the weights in its configuration file, replaced in one step, tested by the proxy itself, and taken
 * over by a reload. When test or reload fails, the previous file is put back, and the proxy keeps the configuration it runs with.
 */
import type { ProxySource } from '../../../strategy/plan.js';
import { runProbe } from '../../probes/command.js';
import { type ProbeContext, redactedLine } from '../../probes/verdict.js';
import { Refusal } from '../../refusal.js';
import { resolveReferences } from '../../secrets.js';
import { lastLine } from '../../tail.js';
import { digest, type FileState, readState, replace } from '../config-file/replace.js';
import type { TrafficPort } from './port.js';
import { parametersFor, readParameters, writeParameters } from './weights.js';

export function proxyPort(source: ProxySource, context: ProbeContext): TrafficPort {
  const state = (): Promise<FileState> => readState(context.run.workspace, source.file, context.env);
  return {
    async read() {
      const { bytes } = await state();
      const parameters = await withServers(source, context, (resolved) =>
        readParameters(bytes.toString('utf8'), resolved),
      );
      return JSON.stringify(parameters);
    },
    settingFor: (percent, current) => JSON.stringify(parametersFor(percent, source, listOf(current))),
    async set(setting) {
      const before = await state();
      const text = await withServers(source, context, (resolved) =>
        writeParameters(before.bytes.toString('utf8'), resolved, listOf(setting)),
      );
      const after = Buffer.from(text);
      await put(before, after, source);
      for (const [what, command] of [
        ['is refused by its test', source.test],
        ['was not taken over', source.reload],
      ] as const) {
        const why = await run(command, context);
        if (why === null) continue;
        await putBack(before, after, await state(), source);
        throw new Refusal(
          `The new configuration of ${source.kind} ${what}: ${redactedLine(context, why)}. ${source.file} is as it was, and the traffic was not switched. Correct the configuration and retry.`,
        );
      }
    },
  };
}

/** Works with the servers that references stand for; a refusal names the references. */
async function withServers<T>(
  source: ProxySource,
  context: ProbeContext,
  work: (resolved: ProxySource) => T,
): Promise<T> {
  const place = { env: context.env, workspace: context.run.workspace };
  const resolve = (names: readonly string[]): Promise<readonly string[]> =>
    Promise.all(names.map((name) => resolveReferences(name, place)));
  const [stable, candidate] = [await resolve(source.stable), await resolve(source.candidate)];
  try {
    return work({ ...source, stable, candidate });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const written = [...source.stable, ...source.candidate];
    const shown = [...stable, ...candidate].reduce(
      (text, name, index) => text.replaceAll(`"${name}"`, `"${written[index]}"`),
      error.message,
    );
    throw new Refusal(shown);
  }
}

async function put(from: FileState, bytes: Buffer, { file }: ProxySource): Promise<void> {
  if (from.bytes.equals(bytes)) return;
  if (await replace(from, bytes, digest(bytes).slice(0, 12))) return;
  throw new Refusal(
    `Somebody edited ${file} while its weights were being changed, so it was left alone. Retry.`,
  );
}

/** Nothing is put back over an edit that somebody made meanwhile. */
async function putBack(before: FileState, after: Buffer, now: FileState, source: ProxySource): Promise<void> {
  if (now.sha256 === digest(after)) await put(now, before.bytes, source);
}

/** Why the command did not succeed; null when it did. */
async function run(command: string, context: ProbeContext): Promise<string | null> {
  const ran = await runProbe({ kind: 'command', text: command }, [], context);
  if (ran.ended === null && ran.exitCode === 0) return null;
  const ended =
    ran.ended === null ? `exited with ${ran.exitCode ?? ran.signal}` : `was stopped (${ran.ended})`;
  return `"${command}" ${ended}: ${lastLine(ran.shown)}`;
}

/** A setting of this port: the parameters of its servers. */
function listOf(setting: string): readonly string[] {
  const value: unknown = JSON.parse(setting);
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  throw new Error(`"${setting}" is not a list of parameters.`);
}
