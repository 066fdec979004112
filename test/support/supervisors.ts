/** The supervisors that tests start: each home has one, and none outlives its test. */
import { setTimeout as pause } from 'node:timers/promises';
import { livingSupervisor } from '../../activities/effects/command/place.js';
import { isAlive } from '../../activities/processes.js';

/** Ends the supervisor of this home, whatever it does, and waits until it is gone. */
export async function endSupervisor(home: string): Promise<void> {
  const supervisor = livingSupervisor(home);
  if (supervisor === null) return;
  process.kill(supervisor.pid, 'SIGKILL');
  while (isAlive(supervisor)) await pause(5);
}
