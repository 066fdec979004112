/** Who may command a run: the roles that the bindings name, or every role of the strategy. */
import type { AuthorityBinding } from '../bindings-document.js';
import type { Authority } from '../plan.js';
import { below } from '../pointer.js';
import { suggest } from '../suggest.js';
import type { Compilation } from './compilation.js';
import { meant, type Reporter } from './reporter.js';

/** Called last, when every role of the strategy is known. `reporter`: of the bindings. */
export function compileAuthority(
  c: Compilation,
  binding: AuthorityBinding | null,
  reporter: Reporter,
): Authority {
  const strategyRoles = [...c.roles];
  const known = new Set([...strategyRoles, ...Object.keys(c.bindings.planned.roles)]);
  const rolesOf = (command: keyof Authority): readonly string[] => {
    const named = binding?.[command] ?? null;
    for (const [index, role] of (named ?? []).entries()) {
      if (known.has(role)) c.role(role);
      else {
        // Anyone who acts under its name would hold such a role: a typing error must not grant it.
        reporter.report(below('/authority', command, index), {
          code: 'unknown-role',
          message: `the role "${role}" is in neither the strategy nor the bindings`,
          advice: `${meant(suggest(role, known), [...known], 'role')} Name its members under "roles" if it is another.`,
        });
      }
    }
    return named ?? strategyRoles;
  };
  return {
    rollback: rolesOf('rollback'),
    abort: rolesOf('abort'),
    pause: rolesOf('pause'),
    override: rolesOf('override'),
  };
}
