/** Everything in a strategy that has an id, gathered once for all checks. */
import { list, nonBlank, type Phase, type Step, type StrategyDocument, type Text } from '../document.js';
import { contractOf, dropOf, finishOf, streamPartsOf, syncPartOf } from '../uses.js';

export type Kind =
  | 'phase'
  | 'step'
  | 'gate'
  | 'prerequisite'
  | 'deployment step'
  | 'data migration'
  | 'configuration change'
  | 'infrastructure change'
  | 'integration'
  | 'validation gate'
  | 'continuous validation'
  | 'regression suite'
  | 'risk'
  | 'cleanup task'
  | 'milestone';

export interface Item {
  readonly kind: Kind;
  readonly id: string;
  /** The pointer to the id itself. */
  readonly pointer: string;
}

export interface PlacedPhase {
  readonly phase: Phase;
  readonly pointer: string;
  readonly steps: readonly PlacedStep[];
}

export interface PlacedStep {
  readonly step: Step;
  readonly pointer: string;
}

export interface Inventory {
  readonly document: StrategyDocument;
  /** In the order of the file. */
  readonly phases: readonly PlacedPhase[];
  readonly items: readonly Item[];
  /** The items of one id; two kinds may share it. */
  readonly byId: ReadonlyMap<string, readonly Item[]>;
  /** Names of phases and steps, which people write where an id is meant. */
  readonly names: ReadonlySet<string>;
}

export function takeInventory(document: StrategyDocument): Inventory {
  const phases = document.migration_phases.map((phase, index): PlacedPhase => {
    const pointer = `/migration_phases/${index}`;
    const steps = list(phase.steps).map((step, at) => ({ step, pointer: `${pointer}/steps/${at}` }));
    return { phase, pointer, steps };
  });
  const items = [...executedItems(document, phases), ...changeItems(document), ...contextItems(document)];
  const byId = new Map<string, Item[]>();
  for (const item of items) {
    const same = byId.get(item.id);
    if (same === undefined) byId.set(item.id, [item]);
    else same.push(item);
  }
  const names = new Set<string>();
  for (const { phase, steps } of phases) {
    names.add(phase.name);
    for (const { step } of steps) names.add(step.name);
  }
  return { document, phases, items, byId, names };
}

function executedItems(document: StrategyDocument, phases: readonly PlacedPhase[]): readonly Item[] {
  const items: Item[] = each(
    'prerequisite',
    '/prerequisites',
    'prerequisite_id',
    document.prerequisites,
    (item) => item.prerequisite_id,
  );
  for (const { phase, pointer, steps } of phases) {
    items.push({ kind: 'phase', id: phase.phase_id, pointer: `${pointer}/phase_id` });
    for (const placed of steps) {
      items.push({ kind: 'step', id: placed.step.step_id, pointer: `${placed.pointer}/step_id` });
    }
    const gate = phase.validation_gate;
    if (gate) items.push({ kind: 'gate', id: gate.gate_id, pointer: `${pointer}/validation_gate/gate_id` });
  }
  return items;
}

function changeItems(document: StrategyDocument): readonly Item[] {
  const {
    code_migration,
    data_migration,
    configuration_migration,
    infrastructure_migration,
    integration_migration,
  } = document;
  return [
    ...each(
      'deployment step',
      '/code_migration/deployment_strategy/steps',
      'step_id',
      code_migration?.deployment_strategy?.steps,
      (item) => item.step_id,
    ),
    ...each(
      'data migration',
      '/data_migration/migrations',
      'migration_id',
      data_migration?.migrations,
      (item) => item.migration_id,
    ),
    ...list(data_migration?.migrations).flatMap((migration, index): readonly Item[] => {
      const pointer = `/data_migration/migrations/${index}/migration_id`;
      const rounds = (['cut-over', 'finish'] as const).map((part) => syncPartOf(migration, part));
      const parts = [...streamPartsOf(migration).map(({ id }) => id), ...rounds];
      return [contractOf(migration), dropOf(migration), finishOf(migration), ...parts].flatMap(
        (id): readonly Item[] => (id === null ? [] : [{ kind: 'data migration', id, pointer }]),
      );
    }),
    ...each(
      'configuration change',
      '/configuration_migration/configuration_changes',
      'config_id',
      configuration_migration?.configuration_changes,
      (item) => item.config_id,
    ),
    ...each(
      'infrastructure change',
      '/infrastructure_migration/infrastructure_changes',
      'change_id',
      infrastructure_migration?.infrastructure_changes,
      (item) => item.change_id,
    ),
    ...each(
      'integration',
      '/integration_migration/external_integrations',
      'integration_id',
      integration_migration?.external_integrations,
      (item) => item.integration_id,
    ),
    ...each(
      'integration',
      '/integration_migration/internal_integrations',
      'integration_id',
      integration_migration?.internal_integrations,
      (item) => item.integration_id,
    ),
  ];
}

function contextItems(document: StrategyDocument): readonly Item[] {
  const { validation_strategy, risk_mitigation, post_migration, execution_timeline } = document;
  return [
    ...each(
      'validation gate',
      '/validation_strategy/validation_gates',
      'gate_id',
      validation_strategy?.validation_gates,
      (item) => item.gate_id,
    ),
    ...each(
      'continuous validation',
      '/validation_strategy/continuous_validation',
      'validation_id',
      validation_strategy?.continuous_validation,
      (item) => item.validation_id,
    ),
    ...each(
      'regression suite',
      '/validation_strategy/regression_validation',
      'regression_suite_id',
      validation_strategy?.regression_validation,
      (item) => item.regression_suite_id,
    ),
    ...each(
      'risk',
      '/risk_mitigation/migration_risks',
      'risk_id',
      risk_mitigation?.migration_risks,
      (item) => item.risk_id,
    ),
    ...each(
      'cleanup task',
      '/post_migration/cleanup_tasks',
      'task_id',
      post_migration?.cleanup_tasks,
      (item) => item.task_id,
    ),
    ...each(
      'milestone',
      '/execution_timeline/milestones',
      'milestone_id',
      execution_timeline?.milestones,
      (item) => item.milestone_id,
    ),
  ];
}

function each<T>(
  kind: Kind,
  pointer: string,
  key: string,
  entries: readonly T[] | null | undefined,
  id: (entry: T) => Text,
): Item[] {
  const items: Item[] = [];
  for (const [index, entry] of list(entries).entries()) {
    const own = nonBlank(id(entry));
    if (own !== null) items.push({ kind, id: own, pointer: `${pointer}/${index}/${key}` });
  }
  return items;
}
