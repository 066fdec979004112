/**
 * Makes a value of YAML events, in one pass, and remembers of each collection only where it ends.
 *
 * Positions are not collected here: a file without problems never asks for one. source.ts finds them in the events
 * when somebody does.
 */
import { CORE_SCHEMA, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';

/** What YAML allows and these files do not; reading continues without it. */
export type FaultKind = 'duplicate-key' | 'alias' | 'tag' | 'complex-key' | 'dangerous-key' | 'nul';

export interface Fault {
  readonly kind: FaultKind;
  /** The event at fault: for keys that of the key. */
  readonly event: number;
}

export interface Composition {
  readonly value: unknown;
  /** For the event that opens a collection or the document: the index of the one that closes it. */
  readonly ends: Int32Array;
  readonly faults: readonly Fault[];
}

/**
 * A mapping. It inherits nothing, so that asking it for "constructor" answers undefined; made by a class because
 * objects of a class without a prototype chain are fast, and those of `Object.create(null)` are not.
 */
class Fields {
  [key: string]: unknown;
}
Reflect.deleteProperty(Fields.prototype, 'constructor');
Object.setPrototypeOf(Fields.prototype, null);

/** Keys that mean something to JavaScript itself: no file has a use for them. */
const DANGEROUS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Composes the first document of `events`.
 * @param text what the events point into
 */
export function compose(events: readonly Event[], text: string): Composition {
  const composer = new Composer(events, text);
  return { value: composer.document(), ends: composer.ends, faults: composer.faults };
}

class Composer {
  readonly ends: Int32Array;
  readonly faults: Fault[] = [];
  readonly #events: readonly Event[];
  readonly #text: string;
  #next = 0;

  constructor(events: readonly Event[], text: string) {
    this.#events = events;
    this.#text = text;
    this.ends = new Int32Array(events.length);
  }

  document(): unknown {
    this.#next = 1;
    const value = this.#node();
    this.ends[0] = this.#next;
    return value;
  }

  /** Recursion is bounded by the nesting that parseEvents lets through. */
  #node(): unknown {
    const at = this.#next++;
    const event = this.#events[at];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event, at);
      case EVENT_ID.SEQUENCE:
        if (event.tagStart !== -1) this.faults.push({ kind: 'tag', event: at });
        return this.#sequence(at);
      case EVENT_ID.MAPPING:
        if (event.tagStart !== -1) this.faults.push({ kind: 'tag', event: at });
        return this.#mapping(at);
      case EVENT_ID.ALIAS:
        this.faults.push({ kind: 'alias', event: at });
        return null;
      default:
        return null;
    }
  }

  #scalar(event: ScalarEvent, at: number): unknown {
    const text = getScalarValue(this.#text, event);
    if (text.includes('\0')) this.faults.push({ kind: 'nul', event: at });
    if (event.tagStart !== -1) {
      const tag = this.#text.slice(event.tagStart, event.tagEnd);
      if (tag === '!!str' || tag === '!') return text;
      this.faults.push({ kind: 'tag', event: at });
    }
    return event.style === SCALAR_STYLE.PLAIN ? plain(text) : text;
  }

  #sequence(at: number): unknown[] {
    const items: unknown[] = [];
    while (this.#more()) items.push(this.#node());
    this.ends[at] = this.#next++;
    return items;
  }

  #mapping(at: number): Fields {
    const fields = new Fields();
    while (this.#more()) {
      const keyAt = this.#next;
      const event = this.#events[keyAt];
      if (event?.type !== EVENT_ID.SCALAR) {
        this.faults.push({ kind: event?.type === EVENT_ID.ALIAS ? 'alias' : 'complex-key', event: keyAt });
        this.#node();
        this.#node();
        continue;
      }
      this.#next++;
      const key = getScalarValue(this.#text, event);
      if (event.tagStart !== -1) this.faults.push({ kind: 'tag', event: keyAt });
      const value = this.#node();
      if (DANGEROUS.has(key)) this.faults.push({ kind: 'dangerous-key', event: keyAt });
      else if (key in fields) this.faults.push({ kind: 'duplicate-key', event: keyAt });
      else fields[key] = value;
    }
    this.ends[at] = this.#next++;
    return fields;
  }

  #more(): boolean {
    const event = this.#events[this.#next];
    return event !== undefined && event.type !== EVENT_ID.POP;
  }
}

/** The characters with which a plain scalar of the core schema that is not a string can start. */
const TYPED_START = /^[~nNtTfF0-9+\-.]/;

/** An unquoted scalar by the core schema of YAML 1.2; what looks like a date stays a string. */
function plain(text: string): unknown {
  if (text !== '' && !TYPED_START.test(text)) return text;
  return CORE_SCHEMA.resolveImplicitScalarTag(text).value;
}
