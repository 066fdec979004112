/** A connection for the length of one verb. */
import { connect, type Sluice } from '../client/index.js';
import type { Terminal } from './terminal.js';

/** Connects, does the work, and disconnects. @throws SluiceError `no-engine` */
export async function withClient<T>(terminal: Terminal, work: (client: Sluice) => Promise<T>): Promise<T> {
  const client = await connect({ env: terminal.env });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
