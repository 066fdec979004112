/** Which host this is: a run's commands are pinned to the host that holds its job folders. */

import type { Host } from './contract.js';
import type { Dependencies } from './dependencies.js';

export async function findHost(dependencies: Dependencies): Promise<Host> {
  return dependencies.hostQueue;
}
