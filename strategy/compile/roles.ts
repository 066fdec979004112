/** The roles that a strategy names, with their places. */
import { list, numbered, type StrategyDocument, type Text, type Texts } from '../document.js';
import { below } from '../pointer.js';
import { slip } from '../slip.js';
import type { Compilation } from './compilation.js';

interface Mention {
  readonly role: string;
  readonly pointer: string;
}

/** Warns of roles that are nearly others; with `strict`, refuses those that the bindings do not name. */
export function reportRoles(c: Compilation, strict: boolean): void {
  if (c.openRoles.size === 0) return;
  const mentions = mentionsIn(c.document);
  const counts = new Map<string, number>();
  for (const { role } of mentions) counts.set(role, (counts.get(role) ?? 0) + 1);
  const bound = Object.keys(c.bindings.planned.roles);
  for (const [role, count] of counts) {
    if (!c.openRoles.has(role)) continue;
    // Of two open roles the one that is named less often is the slip.
    const oftener = [...counts.keys()].filter((other) => (counts.get(other) ?? 0) > count);
    const meant = slip(role, [...bound, ...oftener]);
    for (const { pointer } of mentions.filter((mention) => mention.role === role)) {
      if (meant !== null) {
        c.report(pointer, {
          code: 'near-miss',
          severity: 'warning',
          message: `"${role}" is not a role of the bindings, but is close to "${meant}"`,
          advice: `Did you mean "${meant}"?`,
        });
      } else if (strict) {
        c.report(pointer, {
          code: 'open-role',
          message: `the bindings do not name the role "${role}", so anyone who acts under this name holds it`,
          advice: 'Add it under "roles" with its members.',
        });
      }
    }
  }
}

/** Every role that the strategy names. */
export function rolesNamed(document: StrategyDocument): ReadonlySet<string> {
  return new Set(mentionsIn(document).map(({ role }) => role));
}

function mentionsIn(document: StrategyDocument): readonly Mention[] {
  const found: Mention[] = [];
  const one = (role: Text, pointer: string): void => {
    if (role != null && role.trim() !== '') found.push({ role, pointer });
  };
  const each = (roles: Texts, pointer: string): void => {
    for (const { index, text } of numbered(roles)) one(text, below(pointer, index));
  };
  for (const [index, { owner }] of list(document.prerequisites).entries()) {
    one(owner, `/prerequisites/${index}/owner`);
  }
  for (const [index, phase] of document.migration_phases.entries()) {
    const at = `/migration_phases/${index}`;
    for (const [place, { responsible_party: party }] of list(phase.steps).entries()) {
      one(party, `${at}/steps/${place}/responsible_party`);
    }
    each(phase.validation_gate?.approvers, `${at}/validation_gate/approvers`);
  }
  for (const [index, level] of list(document.rollback_strategy?.rollback_levels).entries()) {
    one(level.decision_maker, `/rollback_strategy/rollback_levels/${index}/decision_maker`);
  }
  for (const [index, { responsible_party: party }] of list(
    document.post_migration?.cleanup_tasks,
  ).entries()) {
    one(party, `/post_migration/cleanup_tasks/${index}/responsible_party`);
  }
  const complete = document.success_criteria?.migration_complete_definition;
  each(complete?.approvers, '/success_criteria/migration_complete_definition/approvers');
  return found;
}
