/** The transition between two contracts of an integration: both must hold until its end. */

import { nonBlank } from '../../document.js';
import type { InternalIntegration } from '../../document-changes.js';
import { isMachineProbe } from '../../kinds/probes/index.js';
import type { Requirement, WatchCondition } from '../../plan.js';
import { below } from '../../pointer.js';
import { describeDuration } from '../../render/duration.js';
import { parseDuration } from '../../sentence/duration.js';
import type { Compilation } from '../compilation.js';
import { opposite } from '../continuous.js';
import { requirementOf } from '../requirement.js';
import type { Item } from './find.js';
import type { Using } from './item.js';

export interface Transition {
  /** Evaluated after the last action. */
  readonly checks: readonly Requirement[];
  /** Watched until the end of the soak: each fires when its contract does not hold. */
  readonly conditions: readonly WatchCondition[];
  /** How long the step soaks at least, in milliseconds. */
  readonly soakMs: number;
}

export function compileTransition(
  c: Compilation,
  { pointer, fields }: Item & { readonly fields: InternalIntegration },
  { moment, workContext, person }: Using,
): Transition {
  const evolution = fields.contract_evolution;
  const at = (key: string): string => below(pointer, 'contract_evolution', key);
  const checks = (['old_contract', 'new_contract'] as const).flatMap((key) => {
    const text = nonBlank(evolution?.[key]);
    if (text === null) return [];
    const place = { pointer: at(key), at: moment, connection: workContext.connection, person };
    return [requirementOf(c, text, place)];
  });
  const conditions = checks.flatMap(({ text, probe }): readonly WatchCondition[] =>
    isMachineProbe(probe)
      ? [{ text: `contract does not hold: ${text}`, probe: opposite(probe), level: null, onFire: 'fail' }]
      : [],
  );
  const period = nonBlank(evolution?.transition_period);
  if (period === null) return { checks, conditions, soakMs: 0 };
  const soakMs = parseDuration(period);
  if (soakMs !== null) {
    const how = `both contracts are watched for ${describeDuration(soakMs)}`;
    c.cover(at('transition_period'), period, 'automated', how);
    return { checks, conditions, soakMs };
  }
  c.coverByPerson(at('transition_period'), period, person);
  const over: Requirement = { text: `the transition period is over: ${period}`, probe: { how: 'person' } };
  return { checks: [...checks, over], conditions, soakMs: 0 };
}
