/** What comes after the completion, in the plan. */
import { linesOf } from '../kinds/effects/index.js';
import { oneLine } from '../kinds/text.js';
import type { Afterwards, FollowUp } from '../plan.js';
import { kindLabel } from '../run/afterwards.js';
import { describeProbe, describeRequirement } from './requirement.js';

export function describeAfterwards(afterwards: Afterwards | undefined): string[] {
  if (afterwards === undefined) return [];
  return [
    ...afterwards.followUps.flatMap(describeFollowUp),
    ...afterwards.optimizations.map((text) => `improve later: ${oneLine(text)}`),
  ];
}

function describeFollowUp(followUp: FollowUp): string[] {
  const { id, name, kind, timing, irreversible } = followUp;
  const who = followUp.kind === 'notice' || followUp.responsible === null ? '' : ` (${followUp.responsible})`;
  return [
    `${id} ${oneLine(name)}${who}: ${kindLabel(kind)}, ${timing}`,
    ...details(followUp).map((line) => `  ${line}`),
    ...(irreversible ? ['  back     a point of no return: a rollback does not take it back'] : []),
  ];
}

function details(followUp: FollowUp): string[] {
  if (followUp.kind === 'notice') return [];
  if (followUp.kind === 'monitoring') {
    const { watch, asked, sensitivity } = followUp;
    return [
      ...watch.conditions.map(
        ({ text, probe, onFire }) =>
          `watches  ${oneLine(text)}  [${describeProbe(probe)}; ${onFire === 'notify' ? 'alerts' : 'a person decides'}]`,
      ),
      ...(watch.metrics.length === 0 ? [] : [`shows    ${watch.metrics.join(', ')}`]),
      ...asked.map((requirement) => `then     ${describeRequirement(requirement)}`),
      ...(sensitivity === 'high' ? ['fires    at the first bad sample'] : []),
    ];
  }
  return [
    ...followUp.actions.flatMap((action) =>
      linesOf(action).map((line, index) => `${(index === 0 ? 'does' : '').padEnd(8)} ${line}`),
    ),
    ...followUp.checks.map((check) => `checks   ${describeRequirement(check)}`),
  ];
}
