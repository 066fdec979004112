/** What must hold before rows are copied, or writes are switched over, while an application is stopped. */
import { numbered } from '../../document.js';
import { below } from '../../pointer.js';
import type { Sentence } from '../work.js';
import type { DataItem } from './data-tables.js';

/** sluice does not stop applications: a binding says whether they are, or a person. */
const STOPPED = 'nothing writes to';

/** Empty when the item needs no downtime. */
export function writersSentence({ fields, pointer }: DataItem): readonly Sentence[] {
  if (fields.downtime?.required !== true) return [];
  const tables =
    numbered(fields.source?.tables)
      .map(({ text }) => text)
      .join(', ') || `the tables of ${fields.migration_id}`;
  return [{ pointer: below(pointer, 'downtime', 'required'), text: `${STOPPED} ${tables}` }];
}
