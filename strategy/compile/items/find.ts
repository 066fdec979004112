/** The items of the sections about changes, by id. */
import { list, nonBlank, type StrategyDocument } from '../../document.js';
import type {
  ConfigurationChange,
  DataMigrationItem,
  DeploymentStep,
  ExternalIntegration,
  InfrastructureChange,
  InternalIntegration,
} from '../../document-changes.js';
import { below } from '../../pointer.js';
import { contractOf, dropOf, finishOf, streamPartsOf, syncPartOf } from '../../uses.js';

/** An item as the strategy writes it. What has no compiler of its own is asked of a person. */
export type Item = { readonly id: string; readonly pointer: string } & (
  | { readonly kind: 'configuration change'; readonly fields: ConfigurationChange }
  | { readonly kind: 'infrastructure change'; readonly fields: InfrastructureChange }
  | { readonly kind: 'deployment step'; readonly fields: DeploymentStep }
  | { readonly kind: 'external integration'; readonly fields: ExternalIntegration }
  | { readonly kind: 'internal integration'; readonly fields: InternalIntegration }
  | { readonly kind: 'data migration'; readonly fields: DataMigrationItem }
  /** The part of a schema change that drops columns. */
  | { readonly kind: 'schema contract'; readonly fields: DataMigrationItem }
  /** The part that drops what the contract put aside. */
  | { readonly kind: 'drop of the old columns'; readonly fields: DataMigrationItem }
  /** The end of a dual or shadow write. */
  | { readonly kind: 'end of the writes to both sides'; readonly fields: DataMigrationItem }
  /** The later parts of an online migration. */
  | { readonly kind: 'stream cut-over' | 'stream finish'; readonly fields: DataMigrationItem }
  /** The later parts of an item that rounds keep in step. */
  | { readonly kind: 'cut-over of the rounds' | 'end of the rounds'; readonly fields: DataMigrationItem }
);

/** In the order of the file. */
export function itemsOf(document: StrategyDocument): ReadonlyMap<string, Item> {
  const { code_migration, data_migration, configuration_migration } = document;
  const { infrastructure_migration, integration_migration } = document;
  const items: Item[] = [];
  const add = <T extends object>(
    pointer: string,
    entries: readonly T[] | null | undefined,
    id: (entry: T) => string,
    item: (fields: T) => ItemFields,
  ): void => {
    for (const [index, fields] of list(entries).entries()) {
      const own = nonBlank(id(fields));
      if (own !== null) items.push({ id: own, pointer: below(pointer, index), ...item(fields) });
    }
  };
  add(
    '/code_migration/deployment_strategy/steps',
    code_migration?.deployment_strategy?.steps,
    ({ step_id }) => step_id,
    (fields) => ({ kind: 'deployment step', fields }),
  );
  add(
    '/data_migration/migrations',
    data_migration?.migrations,
    ({ migration_id }) => migration_id,
    (fields) => ({ kind: 'data migration', fields }),
  );
  add(
    '/data_migration/migrations',
    data_migration?.migrations,
    (fields) => contractOf(fields) ?? '',
    (fields) => ({ kind: 'schema contract', fields }),
  );
  add(
    '/data_migration/migrations',
    data_migration?.migrations,
    (fields) => dropOf(fields) ?? '',
    (fields) => ({ kind: 'drop of the old columns', fields }),
  );
  for (const part of ['cut-over', 'finish'] as const) {
    add(
      '/data_migration/migrations',
      data_migration?.migrations,
      (fields) => streamPartsOf(fields).find((own) => own.part === part)?.id ?? '',
      (fields) => ({ kind: `stream ${part}`, fields }),
    );
  }
  add(
    '/data_migration/migrations',
    data_migration?.migrations,
    (fields) => finishOf(fields) ?? '',
    (fields) => ({ kind: 'end of the writes to both sides', fields }),
  );
  for (const [part, kind] of [
    ['cut-over', 'cut-over of the rounds'],
    ['finish', 'end of the rounds'],
  ] as const) {
    add(
      '/data_migration/migrations',
      data_migration?.migrations,
      (fields) => syncPartOf(fields, part) ?? '',
      (fields) => ({ kind, fields }),
    );
  }
  add(
    '/configuration_migration/configuration_changes',
    configuration_migration?.configuration_changes,
    ({ config_id }) => config_id,
    (fields) => ({ kind: 'configuration change', fields }),
  );
  add(
    '/infrastructure_migration/infrastructure_changes',
    infrastructure_migration?.infrastructure_changes,
    ({ change_id }) => change_id,
    (fields) => ({ kind: 'infrastructure change', fields }),
  );
  add(
    '/integration_migration/external_integrations',
    integration_migration?.external_integrations,
    ({ integration_id }) => integration_id,
    (fields) => ({ kind: 'external integration', fields }),
  );
  add(
    '/integration_migration/internal_integrations',
    integration_migration?.internal_integrations,
    ({ integration_id }) => integration_id,
    (fields) => ({ kind: 'internal integration', fields }),
  );
  return new Map(items.map((item) => [item.id, item]));
}

type WithoutPlace<T> = T extends unknown ? Omit<T, 'id' | 'pointer'> : never;
type ItemFields = WithoutPlace<Item>;
