/** The WAL that the replication slots of an online migration hold back. */
import { printByteSize } from '../../sentence/byte-size.js';
import { NEEDS_NOTHING } from '../needs.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const slots: ProbeKind<ProbeOf<'slots'>> = {
  label: 'the replication slots',
  needsHost: () => false,
  needs: ({ source, target }) => ({ ...NEEDS_NOTHING, connections: [source, target] }),
  describe: ({ item, source, target, maxWalBytes }) =>
    `the replication slots of ${item} on ${source} and ${target} hold back at most ${printByteSize(maxWalBytes)} of WAL each`,
  passesWhenWell: () => 'it passes while the slots are there and hold back no more',
};
