/** What commands and probes see of the environment: a short allow-list, the bindings' own, and who calls. */
import { resolve } from 'node:path';
import type { EffectJob, RunContext } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { isAllowedVariable, resolveReferences, UnresolvedReference } from './secrets.js';

/** Throws `UnresolvedReference` when a variable of the bindings refers to something that is not there. */
export async function environmentOf(
  context: RunContext,
  env: Dependencies['env'],
  job: Pick<EffectJob, 'key' | 'covers'> | null,
): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isAllowedVariable(name)) seen[name] = value;
  }
  for (const [name, value] of Object.entries(context.bindings.environment)) {
    const text = await resolveReferences(value, { env, workspace: context.workspace });
    if (text.includes('\0')) {
      // Node would refuse it with a message that shows the value.
      throw new UnresolvedReference(
        `The variable ${name} of the bindings resolves to text with a NUL, which commands do not accept. Correct what it refers to, and retry.`,
      );
    }
    seen[name] = name === 'PATH' ? absolutePath(text, context.workspace) : text;
  }
  seen.SLUICE_RUN = context.run;
  if (job !== null) {
    const { key, covers } = job;
    seen.SLUICE_STEP = key.subject;
    seen.SLUICE_PURPOSE = key.purpose;
    seen.SLUICE_ATTEMPT = String(key.attempt);
    if (covers !== undefined) seen.SLUICE_STEPS = covers.join(' ');
  }
  return seen;
}

/** `./bin` means the workspace's, also after a command has changed its folder. */
function absolutePath(path: string, workspace: string): string {
  return path
    .split(':')
    .map((entry) => (/^\.\.?(\/|$)/.test(entry) ? resolve(workspace, entry) : entry))
    .join(':');
}
