/** The roles that a strategy names, with their places. */
import { list, numbered, type StrategyDocument, type Text, type Texts } from '../document.js';
import { below } from '../pointer.js';
import { SlipIndex } from '../slip.js';
import type { Compilation } from './compilation.js';

interface Mention {
  readonly role: string;
  readonly pointer: string;
}

/** Warns of roles that are nearly others; with `strict`, refuses those that the bindings do not name. */
export function reportRoles(c: Compilation, strict: boolean): void {
  if (c.openRoles.size === 0) return;
  const mentions = mentionsIn(c.document);
  const places = new Map<string, string[]>();
  for (const { role, pointer } of mentions) {
    const known = places.get(role);
    if (known === undefined) places.set(role, [pointer]);
    else known.push(pointer);
  }
  const bound = Object.keys(c.bindings.planned.roles);
  // Of two open roles the one that is named less often is the slip.
  const byCount = new Map<number, SlipIndex>();
  const oftenerThan = (count: number): SlipIndex => {
    const known = byCount.get(count);
    if (known !== undefined) return known;
    const oftener = [...places].filter(([, { length }]) => length > count).map(([role]) => role);
    const index = new SlipIndex([...bound, ...oftener]);
    byCount.set(count, index);
    return index;
  };
  for (const [role, pointers] of places) {
    if (!c.openRoles.has(role)) continue;
    const meant = oftenerThan(pointers.length).meant(role);
    for (const pointer of pointers) {
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
  for (const [index, item] of list(document.data_migration?.migrations).entries()) {
    one(item['x-reconcile']?.reviewer, `/data_migration/migrations/${index}/x-reconcile/reviewer`);
  }
  const complete = document.success_criteria?.migration_complete_definition;
  each(complete?.approvers, '/success_criteria/migration_complete_definition/approvers');
  return found;
}
