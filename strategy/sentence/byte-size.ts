/** "10 GB", "512 MiB": an amount of data. */
import { takeValue } from './amount.js';
import { Scanner } from './scanner.js';

/** In bytes; null when it is none, or has no unit. */
export function parseByteSize(text: string): number | null {
  const scanner = new Scanner(text);
  const amount = takeValue(scanner);
  if (amount === null || !scanner.done || amount.unit?.dimension !== 'size') return null;
  return amount.value > 0 ? Math.round(amount.value * amount.unit.factor) : null;
}
