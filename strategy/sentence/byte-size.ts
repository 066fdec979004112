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

/** @param bytes a whole number @returns such as "10 GB" or "1.5 MB" */
export function printByteSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Number((bytes / 1_000 ** power).toFixed(1))} ${units[power] ?? ''}`;
}
