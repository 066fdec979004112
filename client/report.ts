/** The report on a run: from the record of an ended run on this host, else from the run itself. */

import { type Report, reportOf } from '../strategy/report/report.js';
import type { RunEvent, RunStarted } from '../strategy/run/event.js';
import { events } from './events.js';
import { completedRun, type RecordedRun, recordedRun, recordHead } from './record.js';
import { rehearsed } from './rehearsals.js';
import { noRun, type Session } from './session.js';

/** The report on an ended run, without an engine; null when this host has no whole record of it. */
export async function recordedReport(home: string, run: string): Promise<Report | null> {
  return fromRecord(home, run, await recordedRun(home, run));
}

/** The report on a completed run whose record is all that is known of it now. @throws Error for a record that is not whole */
export async function watchedReport(home: string, run: string): Promise<Report> {
  const made = await fromRecord(home, run, await completedRun(home, run));
  if (made === null) throw new Error(`The record of ${run} is not whole.`);
  return made;
}

async function fromRecord(home: string, run: string, recorded: RecordedRun | null): Promise<Report | null> {
  if (recorded === null || !isWhole(recorded.events)) return null;
  return reportOf(run, recorded.events, {
    record: await recordHead(home, run),
    rehearsals: await rehearsed(home, recorded.view.strategy.hash),
  });
}

/** The report on a run as far as it is. @throws SluiceError `no-run`, `no-worker` */
export async function report(session: Session, run: string): Promise<Report> {
  const all = await events(session, run);
  if (!isWhole(all)) throw noRun(session, run);
  const plan = all.reduce((hash, event) => (event.type === 'plan-amended' ? event.to : hash), all[0].plan);
  return reportOf(run, all, {
    record: await recordHead(session.home, run),
    rehearsals: await rehearsed(session.home, plan),
  });
}

function isWhole(all: readonly RunEvent[]): all is readonly [RunStarted, ...RunEvent[]] {
  return all[0]?.type === 'run-started';
}
