/** `identity` of the bindings: whether names count as claimed, or votes and commands must be signed. */
import type { BindingsDocument } from '../bindings-document.js';
import type { PlannedBindings, PublicKey } from '../plan.js';
import { below } from '../pointer.js';
import type { Reporter } from './reporter.js';

type Source = Pick<BindingsDocument, 'identity' | 'roles'>;

/** What the plan carries of it: nothing where names count as claimed. */
export function compileIdentity(
  { identity, roles }: Source,
  reporter: Reporter,
): Pick<PlannedBindings, 'identity'> {
  if (identity?.mode !== 'signed') return {};
  const keys = identity.keys ?? {};
  if (identity.installation === undefined || identity.installation === null) {
    reporter.report(below('/identity', 'mode'), {
      code: 'no-installation',
      message:
        'Signed votes need the name of this installation, so that a vote for another one does not count here',
      advice: 'Add to identity, for example: installation: shop-production',
    });
  }
  reportShared(keys, reporter);
  reportRolesWithoutKeys(roles ?? {}, keys, reporter);
  return { identity: { installation: identity.installation ?? '', keys } };
}

/** Who shares a key could vote twice, and nobody could tell which of them did. */
function reportShared(keys: Readonly<Record<string, readonly PublicKey[]>>, reporter: Reporter): void {
  const owners = new Map<string, string>();
  for (const [name, held] of Object.entries(keys)) {
    held.forEach(({ x }, index) => {
      const owner = owners.get(x);
      owners.set(x, name);
      if (owner === undefined) return;
      reporter.report(below('/identity/keys', name, String(index), 'x'), {
        code: 'shared-key',
        message: `"${name}" has the same key as "${owner}", and a key is one person's`,
        advice: 'Each person makes a key of their own: sluice key new --as NAME',
      });
    });
  }
}

function reportRolesWithoutKeys(
  roles: NonNullable<Source['roles']>,
  keys: Readonly<Record<string, unknown>>,
  reporter: Reporter,
): void {
  for (const [role, { members, votes }] of Object.entries(roles)) {
    const able = new Set(members.filter((member) => Object.hasOwn(keys, member)));
    const missing = members.filter((member) => !able.has(member));
    if (missing.length === 0 || able.size >= (votes ?? 1)) continue;
    reporter.report(below('/roles', role), {
      code: 'no-key',
      message: `"${role}" could never decide: votes must be signed, and identity.keys has no key of ${missing.join(', ')}`,
      advice: 'Each of them runs: sluice key new --as NAME, and adds what it prints to the bindings.',
    });
  }
}
