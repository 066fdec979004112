/** Several metric comparisons of one sentence: it holds when all of them do. */
import { mergeNeeds } from '../needs.js';
import type { ProbeKind, ProbeOf } from './kind.js';
import { metric } from './metric.js';

export const all: ProbeKind<ProbeOf<'all'>> = {
  label: 'metrics',
  needsHost: (probe, bindings) => probe.of.some((part) => metric.needsHost(part, bindings)),
  needs: (probe) => mergeNeeds(probe.of.map(metric.needs)),
  describe: (probe) => probe.of.map(metric.describe).join(' and '),
};
