// A worker process that makes one attempt at one activity, so that tests can kill it. Runs the compiled activities.
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../../dist/activities/index.js';

const { home, env, limits, activity, job, number } = JSON.parse(process.argv[2]);
const activities = createActivities({
  home,
  env,
  limits,
  hostQueue: { host: 'here', taskQueue: 'here' },
  logger: console,
});
const environment = new MockActivityEnvironment({ attempt: number }, { logger: new DefaultLogger('ERROR') });
const outcome = await environment.run(() => activities[activity](job));
process.stdout.write(JSON.stringify(outcome));
