/** Downtime: which steps take the service down, for how long, and how much of it the strategy allows. */
import { nonBlank } from '../document.js';
import type { Plan, PlannedPhase } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { parseDuration } from '../sentence/duration.js';
import type { Compilation } from './compilation.js';
import type { Item } from './items/find.js';

const AT = '/migration_overview/constraints';
const MEASURED = 'measured from before the first action of its step to the end of the step';

/** What an item declares, in milliseconds as planned; null where it does not say how long. Empty where the service stays up. */
export function downtimeOf(c: Compilation, item: Item): readonly (number | null)[] {
  if (item.kind === 'configuration change') {
    if (item.fields.change_impact?.downtime_required !== true) return [];
    c.cover(
      below(item.pointer, 'change_impact', 'downtime_required'),
      'downtime_required: true',
      'automated',
      MEASURED,
    );
    return [null];
  }
  if (item.kind !== 'data migration' || item.fields.downtime?.required !== true) return [];
  const text = nonBlank(item.fields.downtime.duration);
  if (text === null) return [null];
  const at = below(item.pointer, 'downtime', 'duration');
  const ms = parseDuration(text);
  if (ms === null)
    c.cover(at, text, 'not-carried-out', 'not understood, so only the limit of the run counts');
  else c.cover(at, text, 'automated', `${MEASURED}; told when it lasts longer than ${describeDuration(ms)}`);
  return [ms];
}

/** True where the strategy says how much downtime there may be. */
export function limitsDowntime({ document }: Compilation): boolean {
  const { downtime_allowed: allowed, max_downtime_duration: most } =
    document.migration_overview?.constraints ?? {};
  return allowed === false || nonBlank(most) !== null;
}

/** The limit, where a step takes the service down, or a health check sees it down. */
export function compileDowntime(c: Compilation, phases: readonly PlannedPhase[]): Pick<Plan, 'downtime'> {
  const steps = phases.flatMap((phase) => phase.steps.filter(({ downtime }) => downtime !== undefined));
  const { downtime_allowed: allowed, max_downtime_duration: most } =
    c.document.migration_overview?.constraints ?? {};
  const limitMs = allowed === false ? 0 : limitOf(c, nonBlank(most), below(AT, 'max_downtime_duration'));
  const checked = phases.some((phase) =>
    phase.steps.some(({ watch }) => watch?.conditions.some(({ service }) => service === true)),
  );
  cover(c, allowed ?? null, nonBlank(most), { steps: steps.map(({ id }) => id), checked, limitMs });
  if (steps.length === 0) return checked ? { downtime: { limitMs } } : {};
  const planned = steps.reduce((sum, { downtime }) => sum + (downtime?.plannedMs ?? 0), 0);
  if (allowed === false) {
    c.report(below(AT, 'downtime_allowed'), {
      code: 'downtime-not-allowed',
      severity: 'warning',
      message: `the strategy allows no downtime, and ${steps.map(({ id }) => id).join(', ')} needs some: the run would stop before its first action`,
      advice: 'Allow downtime with a limit, or remove it from the items that the step uses.',
    });
  } else if (limitMs !== null && planned > limitMs) {
    c.report(below(AT, 'max_downtime_duration'), {
      code: 'downtime-too-long',
      severity: 'warning',
      message: `the planned downtime is ${describeDuration(planned)}, and the strategy allows ${describeDuration(limitMs)}`,
      advice: 'Allow more, or plan less.',
    });
  }
  return { downtime: { limitMs } };
}

/** Without a limit that is understood, downtime is measured and shown. */
function limitOf(c: Compilation, text: string | null, pointer: string): number | null {
  if (text === null) return null;
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  c.report(pointer, {
    code: 'bad-duration',
    severity: 'warning',
    message: `"${text}" is not a duration, so downtime has no limit`,
    advice: 'Write for example "5 minutes".',
  });
  return null;
}

function cover(
  c: Compilation,
  allowed: boolean | null,
  most: string | null,
  {
    steps,
    checked,
    limitMs,
  }: { readonly steps: readonly string[]; readonly checked: boolean; readonly limitMs: number | null },
): void {
  const unseen = steps.length === 0 && !checked;
  const kind = unseen ? 'not-carried-out' : 'automated';
  const none =
    'no step uses an item that declares downtime, and no health check would see it, so there is none to measure';
  const more = steps.length > 5 ? ` and ${steps.length - 5} more` : '';
  const named = steps.length === 0 ? [] : [`${steps.slice(0, 5).join(', ')}${more}`];
  const where = [...named.map((ids) => `in ${ids}`), ...(checked ? ['while a health check fails'] : [])].join(
    ' and ',
  );
  if (allowed !== null) {
    const stops = [
      ...named.map((steps) => `${steps} stops before its first action`),
      ...(checked ? ['a step stops when a health check fails'] : []),
    ].join('; ');
    const how = allowed ? `downtime is measured ${where}` : stops;
    c.cover(below(AT, 'downtime_allowed'), `downtime_allowed: ${allowed}`, kind, unseen ? none : how);
  }
  if (most === null) return;
  const limit =
    limitMs === null
      ? 'not understood: downtime is measured without a limit'
      : `measured ${where}: told near the limit, and past it the run stops and rolls back as the strategy says`;
  c.cover(below(AT, 'max_downtime_duration'), most, kind, unseen ? none : limit);
}
