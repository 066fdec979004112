/**
 * A process that uses the embedded engine, for tests that end it one way or another. Prints the engine as a line of
 * JSON once it can be asked to leave, waits for SIGTERM, then leaves cleanly. SIGINT ends it at once, at any time.
 */
import { ensureEngine } from '../../dist/worker/engine.js';

process.once('SIGINT', () => process.exit(130));
const engine = await ensureEngine({
  home: process.argv[2],
  env: process.env,
  log: (line) => process.stderr.write(`${line}\n`),
});
const idle = setInterval(() => undefined, 60_000);
process.once('SIGTERM', async () => {
  await engine.stop();
  clearInterval(idle);
});
process.stdout.write(`${JSON.stringify(engine)}\n`);
