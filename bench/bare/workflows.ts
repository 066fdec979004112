/** The baselines: what somebody writes who needs only the activities, without strategy, record, view or votes. */
import {
  condition,
  defineQuery,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { APPROVE, type BareActivities, type BareJob, type SequenceInput, WAITING_FOR } from './contract.js';

/** Activities one after another. */
export async function sequence({ steps, command, taskQueue }: SequenceInput): Promise<void> {
  const { doNothing, runShell } = activities(taskQueue);
  for (let index = 0; index < steps; index += 1) {
    await (command === null ? doNothing(jobOf(index)) : runShell({ ...jobOf(index), command }));
  }
}

/** Waits for an approval by update, does one activity, and so on. */
export async function gates({ steps, taskQueue }: SequenceInput): Promise<void> {
  const { doNothing } = activities(taskQueue);
  let approved = 0;
  let waitingFor = -1;
  setHandler(defineUpdate<void, [number]>(APPROVE), (gate) => {
    approved = Math.max(approved, gate + 1);
  });
  setHandler(defineQuery<number>(WAITING_FOR), () => waitingFor);
  for (let index = 0; index < steps; index += 1) {
    waitingFor = index;
    await condition(() => approved > index);
    await doNothing(jobOf(index));
  }
}

function activities(taskQueue: string | null): BareActivities {
  return proxyActivities<BareActivities>({
    ...(taskQueue === null ? {} : { taskQueue }),
    startToCloseTimeout: '11m',
    heartbeatTimeout: '10s',
    retry: { initialInterval: '200ms' },
  });
}

function jobOf(index: number): BareJob {
  return {
    run: workflowInfo().workflowId,
    step: `STEP-${index}`,
    workspace: '/srv/migrations/shop/discount-codes',
    command: `kubectl apply -f k8s/service-${index}.yaml --namespace shop --wait`,
    timeoutMs: 600_000,
  };
}
