/** Whether the migration may act now, by this host's clock. */
import { windowState } from '../strategy/window.js';
import type { WindowJob, WindowState } from './contract.js';

export async function checkWindow(job: WindowJob): Promise<WindowState> {
  return windowState(new Date(), job.windows, job.freezes);
}
