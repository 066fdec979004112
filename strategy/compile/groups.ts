/** `groups` of the bindings: a role's member `group:NAME` stands for everyone in it. */
import type { BindingsDocument, RoleMembers } from '../bindings-document.js';
import { below } from '../pointer.js';
import { GROUP } from '../run/electorate.js';
import { slip } from '../slip.js';
import type { Reporter } from './reporter.js';

type Source = Pick<BindingsDocument, 'roles' | 'groups'>;

/**
 * The roles with the people of their groups. A group that is not named here is one of the identity provider, and stays as it is.
 */
export function withGroups({ roles, groups }: Source, reporter: Reporter): Record<string, RoleMembers> {
  const known = new Map(Object.entries(groups ?? {}));
  for (const [name, people] of known) {
    for (const [index, person] of people.entries()) {
      if (!person.startsWith(GROUP)) continue;
      reporter.report(below('/groups', name, index), {
        code: 'nested-group',
        message: `"${name}" lists the group "${person}", and a group lists people only`,
        advice: 'List the people themselves, or give the role both groups.',
      });
    }
  }
  const expand = (role: string, member: string, index: number): readonly string[] => {
    if (!member.startsWith(GROUP)) return [member];
    const name = member.slice(GROUP.length);
    const people = known.get(name);
    if (people !== undefined) return people;
    const meant = slip(name, known.keys());
    if (meant !== null) {
      reporter.report(below('/roles', role, 'members', index), {
        code: 'near-miss',
        severity: 'warning',
        message: `"${name}" is no group of the bindings, so it is one of the identity provider`,
        advice: `Did you mean "${GROUP}${meant}"?`,
      });
    }
    return [member];
  };
  return Object.fromEntries(
    Object.entries(roles ?? {}).map(([role, { members, ...rest }]) => [
      role,
      { ...rest, members: members.flatMap((member, index) => expand(role, member, index)) },
    ]),
  );
}

/** The groups that no role lists. */
export function unusedGroups({ roles, groups }: Source): readonly string[] {
  const listed = new Set(Object.values(roles ?? {}).flatMap(({ members }) => members));
  return Object.keys(groups ?? {}).filter((name) => !listed.has(GROUP + name));
}
