/** The results on disk, written after every trial: an interrupted rehearsal goes on where it was. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../strategy/hash.js';
import type { Plan } from '../strategy/plan.js';
import type { PointResult } from '../strategy/rehearsal/result.js';
import { rollbackTesting } from '../strategy/rehearsal/result.js';
import type { RehearsalSettings } from '../strategy/rehearsal/settings.js';

export interface RehearsalReport {
  readonly format: 1;
  /** What the results hold for: plan, settings, seed and compression. */
  readonly key: string;
  readonly strategy: Plan['strategy'];
  /** The plan's hash. */
  readonly plan: string;
  readonly results: readonly PointResult[];
}

/** SHA-256, in hex, of everything that a result depends on. */
export function keyOf(plan: Plan, settings: RehearsalSettings, seed: number, compress: number): string {
  return createHash('sha256')
    .update(canonicalJson({ plan: plan.hash, settings, seed, compress }))
    .digest('hex');
}

/** What an earlier rehearsal of the same key found; empty when there is none. */
export async function readResults(folder: string, key: string): Promise<readonly PointResult[]> {
  try {
    const report: RehearsalReport = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'));
    return report.format === 1 && report.key === key ? report.results : [];
  } catch (error) {
    // Files are renamed into place whole: one that is no JSON was written by somebody else.
    if (error instanceof SyntaxError) return [];
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Writes `results.json`, and `rollback_testing.json` with the entries for the strategy. */
export async function writeResults(folder: string, report: RehearsalReport): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeWhole(join(folder, 'results.json'), report);
  await writeWhole(join(folder, 'rollback_testing.json'), rollbackTesting(report.results));
}

async function writeWhole(path: string, document: unknown): Promise<void> {
  await writeFile(`${path}.part`, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.part`, path);
}
