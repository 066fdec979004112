/** The explicit prefixes that make a sentence executable as it stands. */

export type Prefixed =
  | { readonly prefix: 'command'; readonly text: string }
  | { readonly prefix: 'sql'; readonly text: string }
  | { readonly prefix: 'http'; readonly text: string }
  | { readonly prefix: 'dataset'; readonly id: string };

/** In any case, with or without a blank behind the colon; "http://host" is an address. */
const PREFIX = /^(?:(\$)\s+|(sql|http|dataset)\s*:(?!\/\/)\s*)(\S[\s\S]*)$/i;

/** `$ command`, `sql: text`, `http: GET url -> 200`, `dataset: ID`; null for any other sentence. */
export function parsePrefix(text: string): Prefixed | null {
  const match = PREFIX.exec(text.trim());
  if (match === null) return null;
  const [, dollar, word, rest = ''] = match;
  if (dollar !== undefined) return { prefix: 'command', text: rest };
  const prefix = word?.toLowerCase();
  if (prefix === 'sql') return { prefix: 'sql', text: rest };
  if (prefix === 'http') return { prefix: 'http', text: rest };
  return { prefix: 'dataset', id: rest };
}

export interface HttpSentence {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly expect: number;
}

/** "GET http://host/health -> 200"; the method is GET and the status 200 when left out. Null when it is not that. */
export function parseHttp(text: string): HttpSentence | null {
  const match = /^(?:(GET|HEAD|POST)\s+)?((?:https?:\/\/|\$\{)\S+)(?:\s*(?:->|→)\s*([1-5]\d\d))?$/i.exec(
    text.trim(),
  );
  if (match === null) return null;
  const [, method, url = '', status] = match;
  const verb = method?.toUpperCase();
  return {
    method: verb === 'HEAD' || verb === 'POST' ? verb : 'GET',
    url,
    expect: Number(status ?? 200),
  };
}
