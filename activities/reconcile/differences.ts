/** The rows that differ, and the file that names them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** `temporal`: only times differ. `time-order`: a row of the target whose times are not in the order that the item states. */
export type DifferenceKind =
  | 'missing'
  | 'extra'
  | 'different'
  | 'temporal'
  | 'time-order'
  | 'orphan'
  | 'group'
  | 'rule'
  | 'schema-drift';

export interface Difference {
  readonly kind: DifferenceKind;
  /** The table of the target, or the name of the business rule. */
  readonly table: string;
  /** The text of the key, a JSON array. */
  readonly key: string;
  /** Columns whose values differ, or what was found on either side. */
  readonly detail: readonly string[];
  /** The hashes of the source's values when they were compared; absent when it has no such row. */
  readonly there?: readonly (string | null)[];
  /** The same of the target. */
  readonly seen?: readonly (string | null)[];
}

/** `missing`: missing rows are inserted. `fields`: different values are overwritten as well. */
export type Correction = 'missing' | 'fields';

export function isCorrectable({ kind }: Difference, correct: Correction): boolean {
  return kind === 'missing' || ((kind === 'different' || kind === 'temporal') && correct === 'fields');
}

/** One line per difference, as JSON. Throws what the disk answers. */
export async function writeDifferences(file: string, differences: readonly Difference[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const lines = differences.map(({ kind, table, key, detail }) => {
    return JSON.stringify({ kind, table, key: JSON.parse(key), ...(detail.length > 0 ? { detail } : {}) });
  });
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}
