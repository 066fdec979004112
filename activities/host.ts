/** Which host this is: a run's commands are pinned to the host that holds its job folders. */
import type { Clients } from './clients.js';
import type { Host } from './contract.js';

export async function findHost(clients: Clients): Promise<Host> {
  return clients.hostQueue;
}
