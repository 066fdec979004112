/** Counts what happens in a run, in the metrics of its worker. Silent in a replay, and no part of the history. */
import { metricMeter } from '@temporalio/workflow';
import type { RunEvent } from '../strategy/run/event.js';
import { COUNTERS, type Measurement, measurementsOf, STEP_SECONDS } from '../strategy/run/measurements.js';
import type { MigrationView } from '../strategy/run/view.js';

export function measure(event: RunEvent, view: MigrationView): void {
  for (const measurement of measurementsOf(event, view)) add(measurement);
}

function add({ name, value, labels }: Measurement): void {
  if (name === STEP_SECONDS) {
    metricMeter
      .createHistogram(name, 'float', 'seconds', 'Seconds from the start of a step to its end, by status.')
      .record(value, labels);
  } else {
    metricMeter.createCounter(name, undefined, COUNTERS[name]).add(value, labels);
  }
}
