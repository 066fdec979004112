/** One folder for the temporary files of a whole test run, removed at its end, also after tests that kill processes. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns what runs after the last test. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  // Postgres runs as another user when the tests run as root, and must be able to walk to its data.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
