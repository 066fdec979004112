import type { Problem } from './problem.js';
import { Lines } from './yaml/lines.js';
import { MAX_BYTES, tooLarge } from './yaml/size.js';

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The text of a file's bytes; a problem with its position when they are not UTF-8 or are too many. */
export function decodeUtf8(bytes: Uint8Array, file: string): Decoded {
  if (bytes.length > MAX_BYTES) return { ok: false, problems: [tooLarge(file)] };
  const good = validLength(bytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, good));
  if (good === bytes.length) return { ok: true, text };
  const problem: Problem = {
    code: 'not-utf8',
    severity: 'error',
    file,
    position: new Lines(text).at(text.length),
    pointer: '',
    message: `the file is not UTF-8: the byte 0x${(bytes[good] ?? 0).toString(16).padStart(2, '0')} at offset ${good} is not part of a valid character`,
    advice: 'Save it as UTF-8.',
  };
  return { ok: false, problems: [problem] };
}

/** How many leading bytes are UTF-8. Decoders say only that something is wrong, so the place is found by halving. */
function validLength(bytes: Uint8Array): number {
  if (isUtf8(bytes, false)) return bytes.length;
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8(bytes.subarray(0, middle), true)) low = middle;
    else high = middle - 1;
  }
  return wholeCharacters(bytes, low);
}

/** `partial` forgives a character that is cut off at the end. */
function isUtf8(bytes: Uint8Array, partial: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: partial });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Leaves off the bytes of a character that is cut off at `length`. */
function wholeCharacters(bytes: Uint8Array, length: number): number {
  for (let cut = 0; cut < 4 && cut <= length; cut++) {
    if (isUtf8(bytes.subarray(0, length - cut), false)) return length - cut;
  }
  return 0;
}
