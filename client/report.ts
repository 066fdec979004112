/** The report on a run: from the record of an ended run on this host, else from the run itself. */

import { type Report, reportOf } from '../strategy/report/report.js';
import type { RunEvent, RunStarted } from '../strategy/run/event.js';
import { events } from './events.js';
import { recordedRun, recordHead } from './record.js';
import { noRun, type Session } from './session.js';

/** The report on an ended run, without an engine; null when this host has no whole record of it. */
export async function recordedReport(home: string, run: string): Promise<Report | null> {
  const recorded = await recordedRun(home, run);
  if (recorded === null || !isWhole(recorded.events)) return null;
  return reportOf(run, recorded.events, await recordHead(home, run));
}

/** The report on a run as far as it is. @throws SluiceError `no-run`, `no-worker` */
export async function report(session: Session, run: string): Promise<Report> {
  const all = await events(session, run);
  if (!isWhole(all)) throw noRun(session, run);
  return reportOf(run, all, await recordHead(session.home, run));
}

function isWhole(all: readonly RunEvent[]): all is readonly [RunStarted, ...RunEvent[]] {
  return all[0]?.type === 'run-started';
}
