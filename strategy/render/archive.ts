/** Where the record of a plan's runs is kept, as reviewers read it. */

import { oneLine } from '../kinds/text.js';
import type { ArchiveTarget } from '../plan.js';
import { placeOf } from '../record/archive.js';

/** One line, or none where the record stays on the host. */
export function describeArchive(archive: ArchiveTarget | undefined): readonly string[] {
  return archive === undefined ? [] : [`keeps its record in ${oneLine(placeOf(archive))} as well`];
}
