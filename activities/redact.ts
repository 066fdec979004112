/**
 * Takes secrets out of text before it is written or shown. Used by the supervisor, so only Node's own modules are imported.
 *
 * Works on bytes, as a stream: a value is found although it is split over chunks, and although line breaks were put
 * into it (as `base64` does every 76 columns). What might be the beginning of a secret is held back until more is known.
 */

const REPLACEMENT = Buffer.from('[redacted]');
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SHORTEST_SECRET = 4;

/** Every form in which a secret might be printed: as it is, in a URL, in JSON, quoted for a shell, in base64, in hex, line by line. */
export function formsOf(secret: string): readonly string[] {
  const forms = new Set<string>();
  const add = (form: string): void => {
    if (Buffer.byteLength(form) >= SHORTEST_SECRET) forms.add(form);
  };
  for (const value of [secret, secret.trim(), ...passwordsOf(secret)]) {
    if (value.length < SHORTEST_SECRET) continue;
    add(value);
    for (const form of percentForms(value)) add(form);
    for (const form of quotedForms(value)) add(form);
    add(Buffer.from(value).toString('hex'));
    add(Buffer.from(value).toString('hex').toUpperCase());
    for (const form of base64Forms(value)) add(form);
    for (const line of value.split(/\r?\n/)) if (line.length >= 8) add(line);
  }
  return [...forms];
}

/**
 * The password of a URL with credentials, as written and decoded; also one that holds a "/", "?" or "#" which should
 * have been encoded, since a parser takes it for a port and a path, and error messages show those.
 */
function passwordsOf(text: string): readonly string[] {
  const url = text.trim();
  const found = [
    /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#]*)@/i,
    /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^\s]*)@/i,
  ];
  return found.flatMap((pattern) => {
    const written = pattern.exec(url)?.[1];
    return written === undefined ? [] : [written, decoded(written)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray "%": the password is what is written.
  }
}

/** Encoders differ in what they leave as it is: JavaScript keeps !'()*, a form only *, Python "/"; few write small letters. */
function percentForms(value: string): readonly string[] {
  const script = encodeURIComponent(Buffer.from(value).toString('utf8'));
  const strict = script.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams({ '': value }).toString().slice(1);
  return [script, strict, form].flatMap((text) => {
    const lower = text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
    return [text, lower, text.replaceAll('%20', '+'), text.replaceAll('%2F', '/')];
  });
}

/** In JSON (Node's, Python's, Go's), in a page, and as shells quote: `set -x` of dash and bash, `printf %q`, psql. */
function quotedForms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const unit = (mark: string): string => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const page = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    json,
    json.replaceAll('/', '\\/'),
    json.replace(/[\u007f-\uffff]/g, unit),
    json.replace(/[<>&]/g, unit),
    page,
    page.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    page.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    page.replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", `'"'"'`),
    value.replaceAll("'", "''"),
    value.replaceAll("'", "\\'"),
    value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\t', '\\t'),
    value.replace(/["$`\\]/g, (mark) => `\\${mark}`),
    value.replace(/[^A-Za-z0-9_@%+=:,./\u0080-\uffff-]/g, (mark) => `\\${mark}`),
    value.replace(/[^A-Za-z0-9_@%+=:./\u0080-\uffff-]/g, (mark) => `\\${mark}`),
  ];
}

/** Base64 depends on where in its triplets the value begins: three forms, cut to the digits that the value alone decides. */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const forms: string[] = [];
  for (const offset of [0, 1, 2]) {
    const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const form = digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    if (form.length >= 6) forms.push(form, form.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

export class Redactor {
  /** The forms by their first byte. */
  readonly #byFirst: readonly (readonly Buffer[] | undefined)[];
  #held: Buffer = Buffer.alloc(0);

  /** `forms`: what `formsOf` gave for each secret. */
  constructor(forms: readonly string[]) {
    const byFirst: Buffer[][] = [];
    for (const form of new Set(forms)) {
      const bytes = Buffer.from(form);
      const first = bytes[0];
      if (first === undefined) continue;
      const same = byFirst[first] ?? [];
      same.push(bytes);
      byFirst[first] = same;
    }
    this.#byFirst = byFirst;
  }

  /** Takes the next chunk; gives what can be passed on already. */
  push(chunk: Buffer): Buffer {
    return this.#advance(chunk, false);
  }

  /** Gives what was held back. */
  end(): Buffer {
    return this.#advance(Buffer.alloc(0), true);
  }

  #advance(chunk: Buffer, last: boolean): Buffer {
    const text = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    const out: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < text.length) {
      const found = this.#longestAt(text, at);
      if (found === 'more' && !last) {
        this.#held = Buffer.from(text.subarray(at));
        break;
      }
      const end = found === 'more' ? this.#longestAt(text, at, true) : found;
      if (typeof end === 'number') {
        out.push(text.subarray(from, at), REPLACEMENT);
        from = end;
        at = end;
      } else {
        at += 1;
      }
    }
    out.push(text.subarray(from, at));
    return Buffer.concat(out);
  }

  /** Where the longest form that begins here ends; `more` when the text ends before that can be told. */
  #longestAt(text: Buffer, at: number, final = false): number | 'more' | null {
    const forms = this.#byFirst[text[at] ?? -1];
    if (forms === undefined) return null;
    let longest: number | null = null;
    for (const form of forms) {
      const end = matchAt(text, at, form);
      if (end === 'more') {
        if (!final) return 'more';
      } else if (end !== null && (longest === null || end > longest)) {
        longest = end;
      }
    }
    return longest;
  }
}

/** Matches a form with at most one line break between two of its bytes. */
function matchAt(text: Buffer, start: number, form: Buffer): number | 'more' | null {
  let at = start;
  for (let index = 0; index < form.length; index += 1) {
    if (index > 0 && text[at] !== form[index]) {
      if (text[at] === CARRIAGE_RETURN) at += 1;
      if (text[at] === LINE_FEED) at += 1;
    }
    if (at >= text.length) return 'more';
    if (text[at] !== form[index]) return null;
    at += 1;
  }
  return at;
}

/** Redacts a whole text at once. */
export function redact(forms: readonly string[], text: string): string {
  if (forms.length === 0) return text;
  const redactor = new Redactor(forms);
  return Buffer.concat([redactor.push(Buffer.from(text)), redactor.end()]).toString('utf8');
}
