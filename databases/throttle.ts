/** Limits the rows per second of a step that copies or changes rows, while it runs. */
import { withoutEngine } from '../activities/attempt.js';
import { readTexts } from '../activities/effects/rows/table.js';
import type { Plan, RowsAction } from '../strategy/plan.js';
import { type Place, withSessions } from './place.js';

export interface ThrottleRequest {
  readonly run: string;
  readonly step: string;
  /** Rows per second; null returns to the limit of the strategy. */
  readonly ratePerSecond: number | null;
}

/** One table that is limited now. */
export interface Throttled {
  readonly item: string;
  readonly table: string;
}

/** The rows that a step copies or changes; empty for another step. */
export function rowsOfStep({ phases }: Plan, step: string): readonly RowsAction[] {
  const steps = phases.flatMap((phase) => phase.steps).filter(({ id }) => id === step);
  return steps.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.kind === 'rows' ? [action] : [])),
  );
}

const UPDATE = `with throttled as (
  update sluice.transfer set rate = $3 where run = $1 and step = $2 and state in ('applying', 'undoing') returning item, source
) select json_build_array(item, source)::text as found from throttled order by 1`;

/** Counts from the next batch on. Empty when the step changes no rows now. Throws `DatabaseTrouble`. */
export async function throttle(
  place: Place,
  { run, step, ratePerSecond }: ThrottleRequest,
): Promise<readonly Throttled[]> {
  // How far a copy is, is kept where its target is.
  const connections = new Set(rowsOfStep(place.plan, step).map(({ connection, to = connection }) => to));
  return withoutEngine(new AbortController().signal, () =>
    withSessions(place, [...connections], async (sessions) => {
      const throttled: Throttled[] = [];
      for (const session of sessions) {
        const [known] = (await session.query("select to_regclass('sluice.transfer')::text as name")).rows;
        if (known?.name == null) continue;
        const { rows } = await session.query(UPDATE, [run, step, ratePerSecond]);
        for (const { found } of rows) {
          const [item = '', table = ''] = readTexts(found) ?? [];
          throttled.push({ item, table });
        }
      }
      return throttled;
    }),
  );
}
