/** The end of what something printed: short enough for history, and valid text. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes of output that go to history; the whole of it stays in its file. */
export const TAIL_BYTES = 4_096;

/** The last bytes of a file as text, from the beginning of a character; empty when there is no such file. */
export function tailOf(file: string): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    return tailOfBytes(buffer.subarray(0, read));
  } finally {
    closeSync(handle);
  }
}

/** The last bytes as text: a character that was cut at the front is left out. */
export function tailOfBytes(bytes: Buffer): string {
  let tail = bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES));
  for (let cut = 0; cut < 3 && isContinuation(tail[0]); cut += 1) tail = tail.subarray(1);
  return tail.toString('utf8');
}

/** The last line with something on it, at most `limit` characters. */
export function lastLine(text: string, limit = 300): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return oneLine(line, limit);
}

/** The text on one line, at most `limit` characters. */
export function oneLine(text: string, limit = 300): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
