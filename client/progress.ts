/** How far a run's long activities have got: their latest heartbeats, which the engine keeps even while no worker is there. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { type HeartbeatReport, readHeartbeat } from '../strategy/run/progress.js';
import type { MigrationView } from '../strategy/run/view.js';
import type { Session } from './session.js';
import { decodeArrayFromPayloads } from './temporal.js';

type Described = WorkflowExecutionDescription['raw'];

/**
 * The view with what its activities report, as in the engine's description of the run.
 */
export async function withProgress(
  session: Session,
  view: MigrationView,
  { pendingActivities }: Described,
): Promise<MigrationView> {
  const reports = await Promise.all(
    (pendingActivities ?? []).map(({ heartbeatDetails }) => reportIn(session, heartbeatDetails?.payloads)),
  );
  const known = reports.filter((report) => report !== null);
  if (known.length === 0) return view;
  return {
    ...view,
    progress: known.flatMap(({ step, progress }) => (progress === null ? [] : [{ step, ...progress }])),
    samples: known.flatMap(({ step, samples }) => samples.map((sample) => ({ step, ...sample }))),
  };
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

async function reportIn(session: Session, payloads: Payloads): Promise<HeartbeatReport | null> {
  const [details] = await decodeArrayFromPayloads(session.client.options.loadedDataConverter, payloads);
  return readHeartbeat(details);
}
