/** `x-reconcile.schedule`: both sides of a data migration are compared again and again, once the step that carries it out is done. */
import { describeTimetable } from '../calendar/describe.js';
import { list, nonBlank, type StrategyDocument } from '../document.js';
import { isMachineProbe } from '../kinds/probes/index.js';
import type { WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { parseTimetable } from '../sentence/calendar.js';
import { parseFrequency } from '../sentence/frequency.js';
import { usesOf } from '../uses.js';
import type { Compilation } from './compilation.js';
import { opposite } from './continuous.js';
import { limitOf, probeOf, reconciliationOf, repeatedly } from './items/reconciliation.js';
import { shorten } from './reporter.js';

export interface Scheduled {
  /** The step that carries the item out; the comparison runs beside the steps after it. */
  readonly step: string;
  readonly condition: WatchCondition;
}

/** A comparison that fails, or that cannot be made, alerts; it fails no step. */
export function scheduledReconciliations(c: Compilation): readonly Scheduled[] {
  return [...c.items.values()].flatMap((item): readonly Scheduled[] => {
    if (item.kind !== 'data migration') return [];
    const written = nonBlank(item.fields['x-reconcile']?.schedule);
    if (written === null) return [];
    const pointer = below(item.pointer, 'x-reconcile', 'schedule');
    const report = (message: string, advice: string): readonly Scheduled[] => {
      c.report(pointer, { code: 'not-scheduled', message, advice });
      return [];
    };
    const pace = paceOf(written);
    if (pace === null) {
      const forms =
        'Write "every 15 minutes", "hourly", "continuously", or a time with its zone: "daily at 02:00 UTC", "Sunday 03:00 Europe/Berlin".';
      return report(`"${shorten(written)}" is not understood`, forms);
    }
    const step = stepsInOrder(c.document).find(({ uses }) => uses.includes(item.id))?.id ?? null;
    if (step === null)
      return report(`no step uses ${item.id}`, `Add "x-uses: ${item.id}" to the step that does it.`);
    const read = reconciliationOf(c, item);
    if ('why' in read) return report(`its sides cannot be compared: ${read.why}`, 'Remove "schedule".');
    const probe = repeatedly(probeOf(read));
    if (!isMachineProbe(probe)) return [];
    c.cover(
      pointer,
      `schedule: ${written}`,
      'automated',
      `compared ${describePace(pace)} beside the steps after ${step}; a difference alerts${limitOf(probe)}`,
    );
    const text = `Reconciliation of ${item.id} does not pass`;
    return [{ step, condition: { text, probe: opposite(probe), level: null, onFire: 'notify', ...pace } }];
  });
}

const WEEK_MS = 7 * 86_400_000;

type Pace = Required<Pick<WatchCondition, 'everyMs'>> & Pick<WatchCondition, 'timetable'>;

function paceOf(text: string): Pace | null {
  const everyMs = parseFrequency(text);
  if (everyMs !== null) return { everyMs };
  const timetable = parseTimetable(text);
  return timetable && { everyMs: WEEK_MS / timetable.days.length, timetable };
}

function describePace({ everyMs, timetable }: Pace): string {
  if (timetable !== undefined) return `at once and ${describeTimetable(timetable)}`;
  return everyMs === 0 ? 'in every round of samples' : `every ${describeDuration(everyMs)}`;
}

/** Those whose step comes before this one. */
export function scheduledBefore(
  { document }: Compilation,
  scheduled: readonly Scheduled[],
  step: string,
): readonly WatchCondition[] {
  if (scheduled.length === 0) return [];
  const order = stepsInOrder(document).map(({ id }) => id);
  const place = order.indexOf(step);
  return scheduled.flatMap(({ step: own, condition }) => (order.indexOf(own) < place ? [condition] : []));
}

function stepsInOrder({ migration_phases }: StrategyDocument) {
  const byOrder = (one: { readonly order: number }, other: { readonly order: number }): number =>
    one.order - other.order;
  return migration_phases.toSorted(byOrder).flatMap(({ steps }) =>
    list(steps)
      .toSorted(byOrder)
      .map((step) => ({ id: step.step_id, uses: usesOf(step, '').map(({ id }) => id) })),
  );
}
