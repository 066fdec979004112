import { expect, test } from 'vitest';
import { readOption } from '../../../cli/show/ask.js';

const options = ['retry', 'rollback-step', 'rollback-phase', 'abort'] as const;

test.each([
  ['1', 'retry'],
  ['4', 'abort'],
  ['retry', 'retry'],
  [' ABORT ', 'abort'],
  ['a', 'abort'],
  ['rollback-p', 'rollback-phase'],
  ['r', null],
  ['rollback', null],
  ['0', null],
  ['5', null],
  ['', null],
])('the answer %j means %s', (text, option) => {
  expect(readOption(text, options)).toBe(option);
});
