/** A connection for the length of one verb. */
import type { Sluice } from '../client/sluice.js';
import type { Terminal } from './terminal.js';

/** Connects, does the work, and disconnects. @throws SluiceError `no-engine` */
export async function withClient<T>(terminal: Terminal, work: (client: Sluice) => Promise<T>): Promise<T> {
  // Temporal's client is half of what a verb loads: only those that connect load it.
  const { connect } = await import('../client/connect.js');
  const client = await connect({ env: terminal.env });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
