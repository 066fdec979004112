/** What checking a strategy costs beside only loading its YAML. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { readStrategy } from '../client/read.js';
import { formatProblem } from '../strategy/problem.js';
import { renderCoverage } from '../strategy/render/coverage.js';
import { writeLargeWorkspace } from './large-workspace.js';
import { type Benchmark, type Comparison, inTurn } from './measure.js';

const STEPS = 10_000;
const ROUNDS = 5;

export const checkTime: Benchmark = {
  name: 'check-time',
  about: `checking a strategy of ${STEPS} steps (parse, schema, references, compile) vs js-yaml loading its text`,
  async run(log) {
    return [
      ...(await compare('check-time', false, 2.5, log)),
      ...(await compare('check-time-sections', true, 2.5, log)),
    ];
  },
};

/** `sections`: with items, risks, notices and all else by the thousand. */
async function compare(
  name: string,
  sections: boolean,
  atMost: number,
  log: (line: string) => void,
): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-large-'));
  try {
    const file = writeLargeWorkspace(folder, STEPS, { sections });
    const [measured, baseline] = await inTurn(
      ROUNDS,
      [
        { label: 'sluice check', measure: () => timed(() => check(file)) },
        { label: 'js-yaml load', measure: () => timed(async () => load(readFileSync(file, 'utf8'))) },
      ],
      log,
    );
    if (!measured || !baseline) return [];
    return [{ name, unit: 'ms', measured, baseline, goal: { atMost } }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the verb does: the text it prints has no hash, so that none is made. */
async function check(file: string): Promise<string> {
  const { ok, problems, coverage } = await readStrategy(file);
  const lines = problems.map(formatProblem);
  if (!ok || coverage === null) throw new Error(lines.slice(0, 5).join('\n'));
  return [...lines, renderCoverage(coverage, { all: false })].join('\n');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
