/** The kinds of probe that a machine evaluates: one line each. `MachineProbe` in plan.ts lists what the plan holds of them. */
import type { MachineProbe, PlannedBindings, Probe, Watch } from '../../plan.js';
import { mergeNeeds, NEEDS_NOTHING, type Needs } from '../needs.js';
import { all } from './all.js';
import { command, script } from './command.js';
import { http } from './http.js';
import type { ProbeKind } from './kind.js';
import { metric, metricNeedsHost } from './metric.js';
import { reconcile } from './reconcile.js';
import { slots } from './slots.js';
import { sql, sqlScript } from './sql.js';
import { transform } from './transform.js';

type How = MachineProbe['how'];
type ProbesByHow = { readonly [H in How]: Extract<MachineProbe, { readonly how: H }> };

/** The probe of a kind; written so that a lookup by `probe.how` keeps the kind and its functions together. */
export type MachineProbeOf<H extends How = How> = { [P in H]: ProbesByHow[P] & { readonly how: P } }[H];

const KINDS: { readonly [H in How]: ProbeKind<MachineProbeOf<H>> } = {
  command,
  script,
  sql,
  'sql-script': sqlScript,
  http,
  metric,
  all,
  reconcile,
  slots,
  transform,
};

/** What evaluates the rest. */
const OTHERS: { readonly [H in Exclude<Probe['how'], How>]: string } = {
  state: 'the state of the run',
  declared: 'the strategy',
  covered: 'the check of its step',
  person: 'a person',
};

/** What evaluates such a probe, as in "evaluated by a command". */
export function evaluatorLabel(how: Probe['how']): string {
  return isMachineKind(how) ? KINDS[how].label : OTHERS[how];
}

function isMachineKind(how: Probe['how']): how is How {
  return Object.hasOwn(KINDS, how);
}

/** True for what an activity evaluates; the others are answered from the run, the strategy or a person. */
export function isMachineProbe(probe: Probe): probe is MachineProbe {
  return Object.hasOwn(KINDS, probe.how);
}

/** True when it can only be evaluated where the workspace is. */
export function probeNeedsHost<H extends How>(
  probe: MachineProbeOf<H>,
  bindings: Pick<PlannedBindings, 'metrics'>,
): boolean {
  return KINDS[probe.how].needsHost(probe, bindings);
}

/** True when one of its conditions or metrics can only be sampled where the workspace is. */
export function watchNeedsHost(watch: Watch, bindings: Pick<PlannedBindings, 'metrics'>): boolean {
  return (
    watch.conditions.some(({ probe }) => probeNeedsHost(probe, bindings)) ||
    watch.metrics.some((name) => metricNeedsHost(name, bindings))
  );
}

/** What evaluates a sentence, in a few words. */
export function describeMachineProbe<H extends How>(probe: MachineProbeOf<H>): string {
  const described = KINDS[probe.how].describe(probe);
  return probe.inverted === true ? `${described}, expected to fail` : described;
}

/** Why it passes while all is well; empty when only its sentence tells. */
export function wellWhenPassed<H extends How>(
  probe: MachineProbeOf<H>,
): { readonly passesWhenWell?: string } {
  const why = KINDS[probe.how].passesWhenWell?.(probe) ?? null;
  return why === null ? {} : { passesWhenWell: why };
}

/** What of the bindings the job that evaluates the probe carries. */
export function needsOfProbe<H extends How>(probe: MachineProbeOf<H>): Needs {
  return KINDS[probe.how].needs(probe);
}

/** The same for a watch. */
export function needsOfWatch({ conditions, metrics }: Watch): Needs {
  return mergeNeeds([...conditions.map(({ probe }) => needsOfProbe(probe)), { ...NEEDS_NOTHING, metrics }]);
}
