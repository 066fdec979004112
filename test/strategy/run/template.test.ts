import { expect, test } from 'vitest';
import { fillTemplate, unknownPlaceholders } from '../../../strategy/run/template.js';
import { phase, step, view } from '../../cli/fixtures.js';

const run = view({
  phases: [
    phase('P1', [step('A', { status: 'completed' })], { status: 'completed' }),
    phase('P2', [step('B', { status: 'running' }), step('C')], { status: 'running' }),
  ],
});
const words = { event: 'phase P1 is completed', decision: '', deadline: '', link: '{link}' };
const filled = (template: string) => fillTemplate(template, run, words, '2026-01-01T02:10:00.000Z');

test('a template says where the run is, however its placeholders are spelled', () => {
  expect(filled('{migration}: {{ Current Phase }}, {percent-complete}, {event}')).toBe(
    'shop: Name of P2 (2 of 2), 33% (1 of 3 steps), phase P1 is completed',
  );
  expect(filled('{step} after {elapsed}; next {next_step}; rollback: {rollback}')).toBe(
    'B (Name of B) after 2h 10m; next C (Name of C); rollback: A rollback is possible at any time.',
  );
});

test('what is no placeholder stays as it is written', () => {
  for (const text of ['${env:SECRET}', '{"json": 1}', '{0}', '{}', '{{', 'a } b { c']) {
    expect(filled(text)).toBe(text);
    expect(unknownPlaceholders(text)).toEqual([]);
  }
});

test('a placeholder that nothing fills in is known before anything is sent', () => {
  expect(unknownPlaceholders('{pahse} of {{migration}}, call {oncall number}')).toEqual([
    'pahse',
    'oncall number',
  ]);
});
