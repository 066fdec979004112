import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayBeSql, needsOwnTransaction, splitStatements } from '../../strategy/compile/sql.js';

test.each([
  'CREATE INDEX CONCURRENTLY i ON t (a)',
  'create unique index concurrently i on t (a)',
  '-- why\nDROP INDEX CONCURRENTLY i',
  'REINDEX TABLE CONCURRENTLY t',
  'reindex (verbose, concurrently) index i',
  'VACUUM (ANALYZE) t',
  'create database d',
  'ALTER SYSTEM SET work_mem = 1',
  '/* a /* nested */ b */ drop tablespace t',
  'ALTER TABLE p DETACH PARTITION q CONCURRENTLY',
])('%s needs a transaction of its own', (statement) => {
  expect(needsOwnTransaction(statement)).toBe(true);
});

test.each([
  'CREATE INDEX i ON t (a)',
  "ALTER TYPE mood ADD VALUE 'meh'",
  "INSERT INTO log VALUES ('VACUUM t')",
  'ALTER TABLE t ADD COLUMN vacuum int',
  'drop table database',
])('%s does not', (statement) => {
  expect(needsOwnTransaction(statement)).toBe(false);
});

test('statements are split where they end, and nowhere else', () => {
  expect(splitStatements("select ';'; select $a$;$a$ ; -- ;\n select E'\\';' ;; /* ; */")).toEqual([
    "select ';'",
    'select $a$;$a$',
    "-- ;\n select E'\\';'",
  ]);
  expect(splitStatements('select 1')).toEqual(['select 1']);
  expect(splitStatements('  ')).toEqual([]);
});

test('nothing but semicolons and blanks is lost in splitting', () => {
  const squeeze = (text: string): string => text.replace(/[;\s]/g, '');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ';', "'", '"', '$', ' ', '$a$') }), (text) => {
      expect(squeeze(splitStatements(text).join(''))).toBe(squeeze(text));
    }),
  );
});

test('programs are told from SQL by their first word', () => {
  expect(['kubectl apply', 'pg_dump -t cart', './select', 'npm run create'].map(mayBeSql)).not.toContain(
    true,
  );
  expect(
    ['select 1', '-- c\nALTER TABLE t', '(select 1)', 'WITH a AS (select 1) select'].map(mayBeSql),
  ).not.toContain(false);
});
