/** Matches hostile sentences against hostile expressions, and reads hostile texts, in a process that may be killed. */
import { formsOf, redact } from '../../dist/activities/redact.js';
import { SentenceTable } from '../../dist/strategy/compile/expressions.js';
import { parseHttp, parsePrefix } from '../../dist/strategy/compile/prefix.js';
import { checkConnection, checkNoReferences, checkReferences } from '../../dist/strategy/compile/secrets.js';
import {
  controlsTransaction,
  mayBeSql,
  needsOwnTransaction,
  splitStatements,
} from '../../dist/strategy/compile/sql.js';
import { safeName } from '../../dist/strategy/layout.js';
import { parseComparisons } from '../../dist/strategy/sentence/comparison.js';
import { parseDuration } from '../../dist/strategy/sentence/duration.js';
import { parseRange, parseThreshold } from '../../dist/strategy/sentence/range.js';
import { parseEstimate, parseSoak } from '../../dist/strategy/sentence/soak.js';
import { slip } from '../../dist/strategy/slip.js';
import { suggest } from '../../dist/strategy/suggest.js';

const KEYS = [
  '{} {} {} {} {} {} {} {} x',
  '{}{}{}{}{}{}{}{}{}{}!',
  '{word}{word}{word}{word}{word}{word}{word}!',
  '{int}{int}{int}{int}{int}{int}{int}{int}!',
  '{float}{float}{float}{float}{float}!',
  '{string}{string}{string}{string}!',
  `${'(a)'.repeat(60)}${'a'.repeat(60)} {int}`,
  `${'a/a '.repeat(60)}{int}`,
];
const UNITS = [
  ' ',
  'a',
  '1',
  '"',
  "'",
  '\\',
  '1.',
  '1e',
  'a ',
  '1 day ',
  '1h',
  ',',
  '1,111',
  '(',
  '[',
  '{',
  '<',
  '>',
  '-',
  '--',
  '/*',
  '$',
  '$a$',
  '${',
  '${env:',
  'for ',
  'the ',
  '<=',
  '\n',
  '\t',
  'http://',
  ':',
  '@',
  '/',
  '%',
  '\u00e9',
  '1-',
  'sql: ',
  'reindex (',
  'alter table ',
  'cluster (verbose',
  'detach partition ',
  '~ ',
  'password=',
];
const READERS = [
  parseDuration,
  parseSoak,
  parseEstimate,
  parseComparisons,
  parseRange,
  parseThreshold,
  parseHttp,
  parsePrefix,
  checkConnection,
  checkReferences,
  checkNoReferences,
  mayBeSql,
  needsOwnTransaction,
  controlsTransaction,
  splitStatements,
  safeName,
  (text) => suggest(text, [text.slice(1), 'other']),
  (text) => slip(text, [text.slice(1), 'other']),
];

const table = new SentenceTable(new Map(KEYS.map((key) => [key, true])));
for (const unit of UNITS) {
  table.find(unit.repeat(400).slice(0, 399));
  table.find(`${unit.repeat(400).slice(0, 398)}?`);
  for (const [front, back] of [
    ['', ''],
    ['postgres://u:', '?'],
    ['sql: ', '\u0001'],
    ['1', 'x'],
    ['GET http://', ' -> 9'],
    ['reindex ', ';x'],
    ['alter table a ', 'x'],
  ]) {
    const text = `${front}${unit.repeat(20_000 / unit.length)}${back}`;
    for (const read of READERS) {
      process.stdout.write(`${JSON.stringify([front, unit, back])} ${read.name || String(read)}\n`);
      read(text);
    }
  }
  redact(formsOf(unit.repeat(200)), unit.repeat(20_000));
}
process.stdout.write('all read\n');
