/** `delegations` of the bindings: who stands in for whom, until when. */
import type { DelegationBinding } from '../bindings-document.js';
import { parseIsoDate } from '../iso-date.js';
import type { Delegation, Plan } from '../plan.js';
import { below } from '../pointer.js';
import { holdsRole } from '../run/electorate.js';
import { suggest } from '../suggest.js';
import type { Compilation } from './compilation.js';
import { meant, type Reporter } from './reporter.js';

/** Called last, when every role of the strategy is known. `reporter`: of the bindings. */
export function compileDelegations(
  c: Compilation,
  bindings: readonly DelegationBinding[] | null,
  reporter: Reporter,
): Pick<Plan, 'delegations'> {
  const delegations = (bindings ?? []).flatMap((binding, index): readonly Delegation[] => {
    const pointer = below('/delegations', index);
    const until = instantOf(binding.until, 'until', below(pointer, 'until'), reporter);
    const since =
      binding.since == null ? null : instantOf(binding.since, 'from', below(pointer, 'since'), reporter);
    reportPerson(c, binding, pointer, reporter);
    reportRoles(c, binding, pointer, reporter);
    if (until === null) return [];
    if (since !== null && since >= until) {
      reporter.report(below(pointer, 'until'), {
        code: 'bad-delegation',
        message: `it ends at ${until}, and it begins only at ${since}`,
        advice: 'Correct one of the two dates.',
      });
    }
    return [{ from: binding.from, to: binding.to, since, until, roles: binding.roles ?? null }];
  });
  reportChains(delegations, reporter);
  return delegations.length === 0 ? {} : { delegations };
}

/** A day, month or year begins with its first instant and ends with its last. */
function instantOf(text: string, side: 'from' | 'until', pointer: string, reporter: Reporter): string | null {
  const date = parseIsoDate(text);
  if (date !== null) return new Date(date[side]).toISOString();
  reporter.report(pointer, {
    code: 'bad-date',
    message: `"${text}" is not a date`,
    advice: 'Write it as 2026-12-24 or 2026-12-24T18:00:00+01:00.',
  });
  return null;
}

function reportPerson(
  c: Compilation,
  { from, to }: DelegationBinding,
  pointer: string,
  reporter: Reporter,
): void {
  if (from === to) {
    reporter.report(below(pointer, 'to'), {
      code: 'bad-delegation',
      message: `"${from}" cannot stand in for themselves`,
      advice: 'Name another person.',
    });
    return;
  }
  const { roles } = c.bindings.planned;
  const holders = new Set([
    ...Object.values(roles).flatMap(({ members }) => members),
    ...[...c.roles].filter((role) => !Object.hasOwn(roles, role)),
  ]);
  if (holders.has(from)) return;
  reporter.report(below(pointer, 'from'), {
    code: 'unknown-person',
    message: `"${from}" holds no role, so there is nothing to stand in for`,
    advice: meant(suggest(from, holders), [...holders], 'person with a role'),
  });
}

function reportRoles(
  c: Compilation,
  { from, roles }: DelegationBinding,
  pointer: string,
  reporter: Reporter,
): void {
  const known = new Set([...c.roles, ...Object.keys(c.bindings.planned.roles)]);
  for (const [index, role] of (roles ?? []).entries()) {
    const at = below(pointer, 'roles', index);
    if (!known.has(role)) {
      reporter.report(at, {
        code: 'unknown-role',
        message: `the role "${role}" is in neither the strategy nor the bindings`,
        advice: meant(suggest(role, known), [...known], 'role'),
      });
    } else if (!holdsRole(c.bindings.planned.roles, from, role)) {
      reporter.report(at, {
        code: 'not-held',
        message: `"${from}" does not hold "${role}", so nobody can stand in for them there`,
        advice: 'Name a role that they hold, or leave "roles" out for all of them.',
      });
    }
  }
}

/** Whose stand-in is away as well has none: what was delegated cannot be passed on. */
function reportChains(delegations: readonly Delegation[], reporter: Reporter): void {
  for (const [index, one] of delegations.entries()) {
    if (one.from === one.to) continue;
    const next = delegations.find((other) => other.from === one.to && overlap(one, other));
    if (next === undefined) continue;
    const cycle = next.to === one.from;
    reporter.report(below('/delegations', index, 'to'), {
      code: cycle ? 'delegation-cycle' : 'delegation-chain',
      message: cycle
        ? `"${one.from}" and "${one.to}" stand in for each other at the same time, so nobody would vote for either`
        : `"${one.to}" stands in for "${one.from}" while "${next.to}" stands in for "${one.to}", and what was delegated cannot be passed on`,
      advice: cycle
        ? 'Name somebody else for one of the two, or separate the times.'
        : `Let "${next.to}" stand in for "${one.from}" directly, or separate the times.`,
    });
  }
}

function overlap(one: Delegation, other: Delegation): boolean {
  const begins = (each: Delegation) => each.since ?? '';
  const sameTime = begins(one) < other.until && begins(other) < one.until;
  const sameRoles =
    one.roles === null || other.roles === null || one.roles.some((role) => other.roles?.includes(role));
  return sameTime && sameRoles;
}
