// A worker process that makes one attempt at one effect, so that tests can kill it. Runs the compiled effects. Temporal's
// worker is left out: loading it takes three times as long as all else, and these tests start a hundred children.
import { asyncLocalStorage, Context } from '@temporalio/activity';
import { noopMetricMeter } from '@temporalio/common';
import { runEffect } from '../../../dist/activities/effects/index.js';

const { home, env, limits, job, number } = JSON.parse(process.argv[2]);
const dependencies = { home, env, limits, hostQueue: { host: 'here', taskQueue: 'here' }, logger: console };
const info = { attempt: number, scheduledTimestampMs: 1, heartbeatDetails: undefined };
const never = new Promise(() => undefined);
const signal = new AbortController().signal;
const context = new Context(info, never, signal, () => undefined, undefined, console, noopMetricMeter);
const outcome = await asyncLocalStorage.run(context, () => runEffect(dependencies, job));
process.stdout.write(JSON.stringify(outcome));
