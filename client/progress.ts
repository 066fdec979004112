/** How far a run's long activities have got: their latest heartbeats, which the engine keeps even while no worker is there. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { type HeartbeatReport, readHeartbeat, type StepProgress } from '../strategy/run/progress.js';
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
  const progress = known.flatMap((report) =>
    report.progress === null ? [] : [{ step: report.step, ...report.progress }],
  );
  return {
    ...view,
    waitingUntil: laterEnd(view.waitingUntil, progress),
    progress,
    samples: known.flatMap(({ step, samples }) => samples.map((sample) => ({ step, ...sample }))),
  };
}

/** The run was told the end of a soak when it began; a blind stretch since then has moved it. */
function laterEnd(known: string | null, progress: readonly StepProgress[]): string | null {
  if (known === null) return null;
  const ends = progress.flatMap(({ endsAt }) => (endsAt === null ? [] : [Date.parse(endsAt)]));
  return new Date(Math.max(Date.parse(known), ...ends)).toISOString();
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

async function reportIn(session: Session, payloads: Payloads): Promise<HeartbeatReport | null> {
  const [details] = await decodeArrayFromPayloads(session.client.options.loadedDataConverter, payloads);
  return readHeartbeat(details);
}
