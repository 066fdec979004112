/** A workflow whose code no worker gets through: what a wrongly replaced version of sluice looks like to a client. */
export async function migration(): Promise<void> {
  throw new Error('the code of this build does not fit the history');
}
