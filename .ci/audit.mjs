/**
 * Known weaknesses of the dependencies that are shipped, as `npm audit` tells them. A registry that keeps no such list
 * (many mirrors do not) is no finding: that is said, and the exit code is 0. With --strict it is 2.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * What an answer of `npm audit --json` means: `known` weaknesses or not, or `unanswered` with the reason.
 * @param {string} output
 */
export function meaningOf(output) {
  /** @type {any} */
  let answer;
  try {
    answer = JSON.parse(output);
  } catch {
    return { kind: 'unanswered', why: output.trim().slice(0, 300) || 'npm printed nothing' };
  }
  const counts = answer?.metadata?.vulnerabilities;
  if (typeof counts?.total !== 'number') {
    return { kind: 'unanswered', why: answer?.message ?? answer?.error?.summary ?? 'no list of weaknesses' };
  }
  return { kind: 'known', serious: counts.high + counts.critical, total: counts.total };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=0'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const found = meaningOf(stdout ?? '');
  if (found.kind === 'unanswered') {
    process.stderr.write(
      `audit: the registry returned no advisory list (${found.why}). Nothing was audited.\n`,
    );
    process.exitCode = process.argv.includes('--strict') ? 2 : 0;
  } else {
    process.stderr.write(
      `audit: ${found.total} known weaknesses, ${found.serious} of them high or critical.\n`,
    );
    if (found.serious > 0) process.stderr.write('See: npm audit --omit=dev\n');
    process.exitCode = found.serious > 0 ? 1 : 0;
  }
}
