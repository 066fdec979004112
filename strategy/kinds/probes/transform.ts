/** Rows of a dataset, through the rules and the program of a data migration. */
import { NEEDS_NOTHING } from '../needs.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const transform: ProbeKind<ProbeOf<'transform'>> = {
  label: 'the transformation',
  // Dataset and program are files of the workspace.
  needsHost: () => true,
  needs: ({ connection, to, program }) => ({
    ...NEEDS_NOTHING,
    connections: [...new Set([connection, to])],
    environment: program !== undefined,
  }),
  describe: ({ dataset, program, connection }) =>
    `the rows of ${dataset.path} ${program === undefined ? 'through the rules' : `through ${program.path}`} on ${connection}`,
  passesWhenWell: () => 'it passes when every row becomes what its dataset says',
};
