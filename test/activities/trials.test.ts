/** The activities of a rehearsal reach nothing but copies. */

import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { EffectJob, NoticeJob } from '../../activities/contract.js';
import { createTrialActivities } from '../../activities/trials.js';

const activities = createTrialActivities(
  {
    home: '/nowhere',
    hostQueue: { host: 'h', taskQueue: 'q' },
    env: { HOOK: 'http://127.0.0.1:1/hook' },
    logger: pino({ level: 'silent' }),
  },
  () => undefined,
);

test('an effect of a run that is no trial is refused', async () => {
  const job: EffectJob = {
    context: {
      ...{ run: 'real', execution: 'real', workspace: '/', pins: {} },
      bindings: { connections: {}, metrics: {}, environment: {}, secrets: [] },
    },
    key: { subject: 'S1', purpose: 'apply', incarnation: 0, index: 0, attempt: 1 },
    action: { kind: 'command', text: 'touch /tmp/real' },
    timeoutMs: 1000,
  };
  await expect(activities.runEffect(job)).rejects.toThrow('The run "real" is not a trial.');
});

test('nobody is notified of a trial', async () => {
  const job: NoticeJob = {
    workspace: '/',
    source: { kind: 'webhook', url: '${env:HOOK}', secret: null },
    notice: {
      ...{ id: 'n1', run: 'trial', kind: 'issue', title: 'It fails', lines: [], severity: 'critical' },
      ...{ incident: null, decision: null, head: null, at: '2026-01-01T00:00:00.000Z' },
    },
  };
  // Delivered for real it would fail: nobody listens there.
  await expect(activities.deliverNotice(job)).resolves.toBeUndefined();
});
