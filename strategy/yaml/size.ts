import type { Problem } from '../problem.js';

/** The largest file that is read: 10 MB. A strategy of 10,000 steps has about 7. */
export const MAX_BYTES = 10_000_000;

/** More values than a readable file of that size holds; each costs memory many times its length. */
export const MAX_EVENTS = 1_000_000;

export function tooLarge(file: string): Problem {
  return {
    code: 'file-too-large',
    severity: 'error',
    file,
    position: { line: 1, column: 1 },
    pointer: '',
    message: `the file is larger than ${MAX_BYTES / 1_000_000} MB, the limit`,
    advice: 'Move long scripts and SQL into separate files and refer to them here.',
  };
}

/** The length of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x800 || isSurrogate ? 1 : 2;
  }
  return bytes;
}
