/** `npm run bench [-- NAME...] [--strict]`: runs the benchmarks and prints ratios, goals and verdicts. */
import { cpus, release, type } from 'node:os';
import { parseArgs } from 'node:util';
import { approval } from './approval.js';
import { checkTime } from './check-time.js';
import { cliStart } from './cli-start.js';
import { commandCost } from './command-cost.js';
import { dashboard } from './dashboard.js';
import { backfill } from './data/backfill.js';
import { checksum } from './data/checksum.js';
import { copy } from './data/copy.js';
import { copyMemory } from './data/memory.js';
import { engineTuning } from './engine-tuning.js';
import { longRun } from './long-run.js';
import { type Benchmark, type Comparison, isMet } from './measure.js';
import { describeComparison } from './report.js';
import { stepCost } from './step-cost.js';

/** On two idle cores all of it takes less than half of this. SLUICE_BENCH_MINUTES allows more, for more rows than there are by default. */
const LIMIT_MINUTES = Number(process.env.SLUICE_BENCH_MINUTES ?? 12);

const ALL: readonly Benchmark[] = [
  stepCost,
  commandCost,
  engineTuning,
  checkTime,
  cliStart,
  approval,
  longRun,
  dashboard,
  copy,
  backfill,
  checksum,
  copyMemory,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { strict: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !ALL.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(
    `Unknown benchmark: ${unknown.join(', ')}. Known: ${ALL.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const selected = ALL.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const log = values.verbose ? (line: string) => console.error(`  ${line}`) : () => {};

console.log(
  `${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, ${type()} ${release()}, Node ${process.version}`,
);
setTimeout(() => {
  console.error(
    `\nNot done after ${LIMIT_MINUTES} minutes: this machine is too busy to measure on. Repeat it later.`,
  );
  process.exit(1);
}, LIMIT_MINUTES * 60_000).unref();
const comparisons: Comparison[] = [];
for (const { name, about, run } of selected) {
  console.log(`\n${name}: ${about}`);
  for (const comparison of await run(log)) {
    comparisons.push(comparison);
    console.log(describeComparison(comparison));
  }
}
const missed = comparisons.filter((comparison) => isMet(comparison) === false);
console.log(
  missed.length === 0 ? '\nEvery goal is met.' : `\nMissed: ${missed.map(({ name }) => name).join('; ')}.`,
);
if (values.strict && missed.length > 0) process.exitCode = 1;
