import { expect, test } from 'vitest';
import { parseTiming, type Timing } from '../../../strategy/sentence/timing.js';

const HOUR = 3_600_000;

test.each<[string, Parameters<typeof parseTiming>[1], Timing | null]>([
  ['24 hours before migration', 'pre_migration', { kind: 'lead', ms: 24 * HOUR }],
  ['A day before', 'pre_migration', { kind: 'lead', ms: 24 * HOUR }],
  ['T-24h', 'pre_migration', { kind: 'lead', ms: 24 * HOUR }],
  ['At the start of the migration', 'pre_migration', { kind: 'event' }],
  ['Every 30 minutes during migration', 'during_migration', { kind: 'every', ms: HOUR / 2 }],
  ['After each phase', 'during_migration', { kind: 'phase', moment: 'ends', which: null }],
  ['Before Phase 2', 'during_migration', { kind: 'phase', moment: 'begins', which: 'Phase 2' }],
  ['after PHASE-1', 'during_migration', { kind: 'phase', moment: 'ends', which: 'PHASE-1' }],
  ['At every gate', 'during_migration', { kind: 'gates' }],
  ['Within 1 hour of completion', 'post_migration', { kind: 'event' }],
  ['24 hours after completion', 'post_migration', { kind: 'lag', ms: 24 * HOUR }],
  ['Immediately', 'issue', { kind: 'event' }],
  // Read in part is not read.
  ['24 hours before migration, unless it rains', 'pre_migration', null],
  ['every 30 minutes while the managers are in', 'during_migration', null],
  ['when the books are closed', 'post_migration', null],
])('"%s" (%s)', (text, occasion, timing) => {
  expect(parseTiming(text, occasion)).toEqual(timing);
});
