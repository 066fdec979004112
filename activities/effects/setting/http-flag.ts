/** A flag behind an HTTP API: a member of a JSON document, read with GET and changed with a merge patch or PUT. */
import { lookUp, sameTree, withValue } from '../../../strategy/edit/tree.js';
import type { HttpFlag } from '../../../strategy/plan.js';
import { interruptionSignal } from '../../attempt.js';
import { formsOf, redact } from '../../redact.js';
import { codeOf, Refusal } from '../../refusal.js';
import { resolveReferences } from '../../secrets.js';
import { readJson } from '../config-file/codec.js';
import { type Reading, type SettingStore, type StoreContext, Unreachable } from './store.js';

const ANSWER_MS = 10_000;
/** Characters of an answer that a message shows. */
const SHOWN = 200;

/** Throws `Refusal` or `UnresolvedReference`. */
export async function openHttpFlag(target: HttpFlag, context: StoreContext): Promise<SettingStore> {
  const source = { env: context.dependencies.env, workspace: context.run.workspace };
  const url = await resolveReferences(target.url, source);
  if (!URL.canParse(url)) {
    throw new Refusal(
      `The address of the flag ${target.flag} is not a URL. Correct it under flags in the bindings.`,
    );
  }
  const headers = new Headers();
  const forms = [...context.forms];
  for (const [name, value] of Object.entries(target.headers)) {
    const resolved = await resolveReferences(value, source);
    headers.set(name, resolved);
    // A server may repeat a token in its answer, with or without "Bearer" in front of it.
    if (resolved !== value) forms.push(...resolved.split(' ').flatMap(formsOf));
  }
  const path = target.pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return new Store(target, new URL(url), headers, path, forms);
}

class Store implements SettingStore {
  constructor(
    readonly target: HttpFlag,
    readonly url: URL,
    readonly headers: Headers,
    readonly path: readonly string[],
    readonly forms: readonly string[],
  ) {}

  async read(): Promise<Reading> {
    const { json } = await this.#document();
    const found = lookUp(json, this.path);
    const set = found === undefined ? null : typeof found === 'string' ? found : JSON.stringify(found);
    return { set, inForce: set };
  }

  same(one: string, other: string): boolean {
    const [a, b] = [readJson(one), readJson(other)];
    return one === other || (a !== undefined && b !== undefined && sameTree(a, b));
  }

  async write(text: string | null): Promise<void> {
    const { json, etag } = await this.#document();
    const found = lookUp(json, this.path);
    // A text stays a text, also one that looks like a number.
    const value = text === null ? undefined : typeof found === 'string' ? text : (readJson(text) ?? text);
    if (this.target.method === 'PUT') {
      const condition: Record<string, string> = etag === null ? {} : { 'if-match': etag };
      await this.#send('PUT', 'application/json', withValue(json, this.path, value), condition);
      return;
    }
    // RFC 7396: null takes a member away.
    const patch = this.path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value ?? null);
    await this.#send('PATCH', 'application/merge-patch+json', patch, {});
  }

  async close(): Promise<void> {
    // Each request has a connection of its own.
  }

  async #document(): Promise<{ readonly json: unknown; readonly etag: string | null }> {
    const response = await this.#request('GET', {});
    const text = await response.text();
    const json = readJson(text);
    if (json !== undefined) return { json, etag: response.headers.get('etag') };
    throw new Refusal(
      `${this.#place()} does not answer with JSON: ${this.#shown(text)}. Nothing was changed.`,
    );
  }

  async #send(
    method: string,
    type: string,
    body: unknown,
    more: Readonly<Record<string, string>>,
  ): Promise<void> {
    const headers = { 'content-type': type, ...more };
    const response = await this.#request(method, { body: JSON.stringify(body), headers });
    await response.body?.cancel();
  }

  async #request(
    method: string,
    { body, headers = {} }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response> {
    const all = new Headers(this.headers);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    const response = await this.#fetch(method, all, body);
    if (response.ok) return response;
    const said = `${this.#place()} answers ${method} with status ${response.status}`;
    if (response.status >= 500 || response.status === 429) {
      await response.body?.cancel();
      throw new Unreachable(said);
    }
    const text = await response.text();
    throw new Refusal(`${said}: ${this.#shown(text)}. Nothing was changed. Correct the bindings, and retry.`);
  }

  async #fetch(method: string, headers: Headers, body: string | undefined): Promise<Response> {
    const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS), interruptionSignal()]);
    try {
      return await fetch(this.url, {
        method,
        headers,
        redirect: 'manual',
        signal,
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      // fetch says "fetch failed" and hides the reason in the cause.
      const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new Unreachable(`${this.#place()} does not answer (${codeOf(cause)})`);
    }
  }

  /** Without what stands in front of the host or behind the path, where credentials may be. */
  #place(): string {
    return `the flag server at ${this.url.origin}${this.url.pathname}`;
  }

  #shown(text: string): string {
    return redact(this.forms, text).replace(/\s+/g, ' ').slice(0, SHOWN);
  }
}
