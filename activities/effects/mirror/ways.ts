/** The directions of a mirror: one for a shadow, two for a dual write. */
import type { MirrorAction } from '../../../strategy/plan.js';
import { guardOf, mapping } from '../rows/pass.js';
import { type Column, quoted, type Table } from '../rows/table.js';
import { savedTable } from '../rows/transfer.js';
import type { OneWay } from './one-way.js';

export interface Pair {
  readonly source: Table;
  readonly target: Table;
}

/** Unquoted; `id`: of the mirror. */
export function namesOf(id: string): { readonly forward: string; readonly back: string } {
  const own = guardOf(savedTable(id)).replace('sluice.saved_', 'mirror_');
  return { forward: `${own}_forward`, back: `${own}_back` };
}

/** Where the rows that a shadow refuses are set aside. */
export function quarantineOf(id: string): string {
  return `${id}#mirror`;
}

export function waysOf(id: string, action: MirrorAction, { source, target }: Pair): readonly OneWay[] {
  const guard = guardOf(savedTable(id));
  const names = namesOf(id);
  const both = action.method === 'dual_write';
  const forward: OneWay = {
    name: names.forward,
    from: source,
    to: target,
    values: mapping(action, source, target).map(({ column, value }) => ({ column: column.name, value })),
    where: action.where,
    must: null,
    guard,
    quarantine: both ? null : quarantineOf(id),
  };
  if (!both) return [forward];
  const back: OneWay = {
    name: names.back,
    from: target,
    to: source,
    values: backMapping(action, source, target).map(({ column, value }) => ({ column: column.name, value })),
    where: null,
    must: action.where,
    guard,
    quarantine: null,
  };
  return [forward, back];
}

/** Every column of the source that gets a value from the target, and the expression for it. */
export function backMapping(
  { back, omit }: Pick<MirrorAction, 'back' | 'omit'>,
  source: Table,
  target: Table,
): readonly { readonly column: Column; readonly value: string }[] {
  return source.columns.flatMap((column) => {
    if (column.generated) return [];
    const rule = back.find((own) => own.column === column.name);
    if (rule !== undefined) return [{ column, value: `(${rule.value}\n)` }];
    const same = target.columns.some(({ name }) => name === column.name) && !omit.includes(column.name);
    return same ? [{ column, value: quoted(column.name) }] : [];
  });
}
