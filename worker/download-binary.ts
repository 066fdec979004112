/**
 * The binary from Temporal's download service, by the protocol that Temporal's own SDKs use: an info document
 * (`archiveUrl`, `fileToExtract`) at https://temporal.download/cli/<version>, then the archive it names.
 */
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import type { Log } from './log.js';
import type { Found } from './lookup.js';

const INFO_TIMEOUT_MS = 4_000;
const ARCHIVE_TIMEOUT_MS = 300_000;

/** Downloads the release into `target`, through a temporary folder inside `folder`. */
export async function downloadBinary(
  folder: string,
  target: string,
  version: string,
  log: Log,
): Promise<Found> {
  try {
    const { archive, file } = await askForArchive(version);
    log(`downloading the Temporal server ${version} to ${target}, once`);
    const scratch = await mkdtemp(join(folder, 'download-'));
    try {
      const packed = join(scratch, 'archive.tar.gz');
      const reply = await fetch(archive, { signal: AbortSignal.timeout(ARCHIVE_TIMEOUT_MS) });
      if (!reply.ok || reply.body === null) return { why: `${archive} answered ${reply.status}` };
      await pipeline(Readable.fromWeb(reply.body), createWriteStream(packed));
      await execa('tar', ['-xzf', packed, '-C', scratch, file]);
      await chmod(join(scratch, file), 0o755);
      await rename(join(scratch, file), target);
      return { path: target };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  } catch (error) {
    return { why: reasonOf(error) };
  }
}

async function askForArchive(version: string): Promise<{ readonly archive: string; readonly file: string }> {
  const query = new URLSearchParams({
    arch: arch() === 'x64' ? 'amd64' : arch(),
    platform: platform(),
    format: 'tar.gz',
  });
  const url = `https://temporal.download/cli/v${version}?${query}`;
  const reply = await fetch(url, { signal: AbortSignal.timeout(INFO_TIMEOUT_MS) });
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`);
  const info: unknown = await reply.json();
  if (typeof info === 'object' && info !== null && 'archiveUrl' in info && 'fileToExtract' in info) {
    const { archiveUrl, fileToExtract } = info;
    // A name with a slash or a leading dash would let the answer write elsewhere, or steer tar.
    if (
      typeof archiveUrl === 'string' &&
      typeof fileToExtract === 'string' &&
      /^\w[\w.]*$/.test(fileToExtract)
    ) {
      return { archive: archiveUrl, file: fileToExtract };
    }
  }
  throw new Error(`${url} did not return the location of the archive`);
}

/** `fetch` hides what happened ("fetch failed") in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
