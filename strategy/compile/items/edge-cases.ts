/**
 * The dataset of an edge case: rows in a file `ID.jsonl` go through the rules and the program of their data migration; any other dataset
 * is run as it is.
 */
import { nonBlank } from '../../document.js';
import { describeMachineProbe } from '../../kinds/probes/index.js';
import type { MachineProbe, Requirement, ScriptFile, Transform } from '../../plan.js';
import type { Compilation } from '../compilation.js';
import { datasetRequirement, type Place, settle } from '../requirement.js';
import { programOf } from './data-rows.js';
import { type DataItem, rulesOf, sidesOf, tablePairsOf } from './data-tables.js';
import { isOnline } from './online.js';

export function edgeCase(c: Compilation, item: DataItem, id: string, place: Place): Requirement {
  const dataset = c.datasets.rows(id.trim());
  const transform = dataset === null ? null : transformOf(c, item, dataset, place.connection);
  if (transform === null) return datasetRequirement(c, id, place);
  const probe: MachineProbe = { how: 'transform', ...transform };
  return settle(c, `dataset ${id}`, { kind: 'probe', probe, how: describeMachineProbe(probe) }, place);
}

/** Null where a row does not become another by rules: in a script, or when a table changes its shape. */
function transformOf(
  c: Compilation,
  item: DataItem,
  dataset: ScriptFile,
  stepConnection: string | null,
): Transform | null {
  const { type, execution_plan, transformation_logic } = item.fields;
  if (type === 'schema_change') return null;
  if (nonBlank(execution_plan?.execution_script) !== null) return null;
  const sides = sidesOf(c, item, stepConnection);
  const pairs = tablePairsOf(item);
  const rules = rulesOf(c, item);
  const program = programOf(c, nonBlank(transformation_logic?.code_location));
  if ('why' in sides || 'why' in pairs || 'why' in rules) return null;
  if (program !== null && 'why' in program) return null;
  // Triggers of the target compute what arrives on a stream.
  const connection = isOnline(item) ? sides.to : sides.from;
  // Of a cleanup, the rows that it does not delete stay as they are.
  const deletes = type === 'data_cleanup' && rules.set.length === 0 && program === null;
  const where = deletes && rules.where !== null ? `((${rules.where}) is not true)` : rules.where;
  return {
    ...{ dataset, connection, to: sides.to },
    tables: pairs.map(({ from, to }) => ({ source: from, target: to })),
    ...{ ...rules, where },
    ...(program === null ? {} : { program }),
  };
}
