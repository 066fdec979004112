/** A feature flag of the bindings: which one is meant, and where it is read and set. */
import type { FlagBinding } from '../../bindings-document.js';
import type { CommandFlag, HttpFlag } from '../../plan.js';
import { suggest } from '../../suggest.js';
import type { Compilation } from '../compilation.js';
import { meant } from '../reporter.js';
import { checkNoReferences, checkReferences } from '../secrets.js';

/** Null after reporting that there is no such flag. */
export function flagNamed(c: Compilation, flag: string, pointer: string): FlagBinding | null {
  const binding = c.bindings.flags.get(flag);
  if (binding !== undefined) {
    c.bindings.used.add(`flags/${flag}`);
    return binding;
  }
  const names = [...c.bindings.flags.keys()];
  c.report(pointer, {
    code: 'unknown-flag',
    message: `there is no flag "${flag}" in the bindings`,
    advice: meant(suggest(flag, names), names, 'flag, or add it under "flags"'),
  });
  return null;
}

export function flagTarget(
  flag: string,
  binding: Exclude<FlagBinding, { readonly file: string }>,
): CommandFlag | HttpFlag {
  if ('command' in binding) return { store: 'command', flag, ...binding.command };
  const { url, pointer, method, headers } = binding.http;
  return { store: 'http', flag, url, pointer, method: method ?? 'PATCH', headers: headers ?? {} };
}

/** Reports what is wrong with the commands, or with references to secrets. */
export function checkFlag(c: Compilation, pointer: string, binding: FlagBinding): void {
  const findings =
    'command' in binding
      ? [binding.command.get, binding.command.set].map(checkNoReferences)
      : 'http' in binding
        ? [binding.http.url, ...Object.values(binding.http.headers ?? {})].map(checkReferences)
        : [];
  for (const finding of findings) if (finding !== null) c.report(pointer, finding);
}
