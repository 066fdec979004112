/**
 * Refuses a dependency whose licence nobody has agreed to. Reads package-lock.json only, so that what is checked is what
 * `npm ci` installs, on every platform. Exit code 1 names each one.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** May be shipped beside Apache-2.0 code, under conditions that keeping their notices meets. */
const ALLOWED = new Set([
  '0BSD',
  // BlueOak-1.0.0 and MIT-0 ask for less than MIT does.
  'BlueOak-1.0.0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Unlicense',
]);
/** Share-alike for their own files, or data with attribution: fine as tools, and unchanged inside the workflow bundler. */
const ALLOWED_UNCHANGED = new Set(['CC-BY-4.0', 'MPL-2.0']);
/** Packages whose lock entry names no licence; what their own files say. */
const READ_BY_HAND = new Map([['unionfs', 'Unlicense']]);

/**
 * What is wrong with a lock file, one line each; empty when nothing is.
 * @param {{ packages: Record<string, { license?: string, link?: boolean }> }} lock
 */
export function unwelcome(lock) {
  return Object.entries(lock.packages).flatMap(([path, { license, link }]) => {
    if (path === '' || link === true) return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const said = license ?? READ_BY_HAND.get(name) ?? 'no licence';
    return isWelcome(said) ? [] : [`${name}: ${said} (${path})`];
  });
}

/**
 * An SPDX expression of names with AND, or with OR (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions).
 * @param {string} expression
 */
function isWelcome(expression) {
  const known = (/** @type {string} */ name) => ALLOWED.has(name) || ALLOWED_UNCHANGED.has(name);
  const names = expression.replace(/^\((.*)\)$/, '$1');
  return names.includes(' OR ') ? names.split(' OR ').some(known) : names.split(' AND ').every(known);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('../package-lock.json', import.meta.url);
  const problems = unwelcome(JSON.parse(readFileSync(file, 'utf8')));
  for (const problem of problems) process.stderr.write(`licence not agreed to: ${problem}\n`);
  if (problems.length > 0) {
    process.stderr.write('Choose another package, or add the licence to .ci/licences.mjs with a reason.\n');
    process.exitCode = 1;
  }
}
