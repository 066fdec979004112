/** What every run has on its outside, readable without a worker: Temporal's memo. */
import type { Authority, Delegation, Plan, RoleBinding } from '../strategy/plan.js';
import { type Electorate, electorateOf } from '../strategy/run/electorate.js';
import { type Published, readPublished } from '../strategy/run/published.js';

export interface Memo {
  readonly strategy: string;
  readonly version: string;
  readonly planHash: string;
  readonly by: string;
  readonly electorate: Electorate;
}

/** The memo of a run of this plan. */
export function makeMemo(plan: Plan, by: string): Record<string, unknown> {
  const memo: Memo = {
    strategy: plan.strategy.name,
    version: plan.strategy.version,
    planHash: plan.hash,
    by,
    electorate: electorateOf(plan, by),
  };
  return { ...memo };
}

/** What the run itself published last; null before anything but its start has happened. */
export function readPublication(memo: Record<string, unknown> | undefined): Published | null {
  return readPublished(memo?.published);
}

/** Reads what `makeMemo` made; null when another program started the run without it. */
export function readMemo(memo: Record<string, unknown> | undefined): Memo | null {
  const { strategy, version, planHash, by, electorate } = memo ?? {};
  if (typeof strategy !== 'string' || typeof version !== 'string') return null;
  if (typeof planHash !== 'string' || typeof by !== 'string' || !isRecord(electorate)) return null;
  const roles: Record<string, RoleBinding> = {};
  for (const [name, role] of Object.entries(isRecord(electorate.roles) ? electorate.roles : {})) {
    const bound = readRole(role);
    if (bound === null) return null;
    roles[name] = bound;
  }
  const forbidSelfApproval = electorate.forbidSelfApproval === true;
  const { installation } = electorate;
  const authority = readAuthority(electorate.authority);
  if (authority === null) return null;
  const delegations = readDelegations(electorate.delegations);
  return {
    strategy,
    version,
    planHash,
    by,
    electorate: {
      roles,
      authority,
      ...(delegations.length === 0 ? {} : { delegations }),
      submittedBy: by,
      forbidSelfApproval,
      ...(typeof installation === 'string' ? { installation } : {}),
    },
  };
}

function readRole(value: unknown): RoleBinding | null {
  if (!isRecord(value) || !Array.isArray(value.members) || typeof value.votes !== 'number') return null;
  const members = value.members.filter((member): member is string => typeof member === 'string');
  return { members, votes: value.votes };
}

function readAuthority(value: unknown): Authority | null {
  if (!isRecord(value)) return null;
  const { rollback, abort, pause, override } = value;
  if (!isTexts(rollback) || !isTexts(abort) || !isTexts(pause) || !isTexts(override)) return null;
  return { rollback, abort, pause, override };
}

function readDelegations(value: unknown): readonly Delegation[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown): readonly Delegation[] => {
    if (!isRecord(each)) return [];
    const { from, to, since, until, roles } = each;
    if (typeof from !== 'string' || typeof to !== 'string' || typeof until !== 'string') return [];
    if (since !== null && typeof since !== 'string') return [];
    return roles === null || isTexts(roles) ? [{ from, to, since, until, roles }] : [];
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
