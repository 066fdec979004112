/** Finds where a value stands by walking the events it was made of. */
import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { below, segments } from '../pointer.js';
import type { Position, SourceMap } from '../problem.js';
import type { Lines } from './lines.js';

/** Where the keys of a parsed file stand, beside its values. */
export interface Source extends SourceMap {
  /** The position of the key at a JSON pointer; that of the value where there is no key (an item of a list). */
  key(pointer: string): Position;
}

interface Child {
  readonly name: string;
  readonly key: number | null;
  readonly value: number;
}

export class EventSource implements Source {
  readonly file: string;
  readonly #events: readonly Event[];
  readonly #ends: Int32Array;
  readonly #text: string;
  readonly #lines: Lines;
  /** The children of the collections that were asked about, so that many questions about one stay cheap. */
  readonly #children = new Map<number, ReadonlyMap<string, Child>>();

  constructor(file: string, text: string, lines: Lines, events: readonly Event[], ends: Int32Array) {
    this.file = file;
    this.#text = text;
    this.#lines = lines;
    this.#events = events;
    this.#ends = ends;
  }

  at(pointer: string): Position {
    const { value, offset } = this.#find(pointer);
    return this.#lines.at(this.#offset(value) ?? offset);
  }

  key(pointer: string): Position {
    const { key, value, offset } = this.#find(pointer);
    return this.#lines.at((key === null ? null : this.#offset(key)) ?? this.#offset(value) ?? offset);
  }

  /** The position of an event, of its tag if it has one: for what has no pointer of its own. */
  event(index: number): Position {
    const event = this.#events[index];
    const tag = event !== undefined && 'tagStart' in event ? event.tagStart : -1;
    return this.#lines.at(tag === -1 ? (this.#offset(index) ?? 0) : tag);
  }

  /** The pointer to the key or value that an event belongs to. */
  pointerTo(index: number): string {
    let pointer = '';
    let at = 1;
    while (at !== index) {
      const child = this.#childAround(at, index);
      if (child === null) return pointer;
      pointer = below(pointer, child.name);
      if (child.key === index) return pointer;
      at = child.value;
    }
    return pointer;
  }

  #find(pointer: string): { key: number | null; value: number; offset: number } {
    let key: number | null = null;
    let value = 1;
    let offset = this.#offset(value) ?? 0;
    for (const segment of segments(pointer)) {
      const child = this.#childrenOf(value).get(segment);
      if (child === undefined) break;
      key = child.key;
      value = child.value;
      offset = (key === null ? null : this.#offset(key)) ?? this.#offset(value) ?? offset;
    }
    return { key, value, offset };
  }

  #childAround(at: number, index: number): Child | null {
    for (const child of this.#eachChild(at)) {
      if (index === child.key || (index >= child.value && index < this.#after(child.value))) return child;
    }
    return null;
  }

  #childrenOf(at: number): ReadonlyMap<string, Child> {
    const known = this.#children.get(at);
    if (known !== undefined) return known;
    const children = new Map<string, Child>();
    for (const child of this.#eachChild(at)) if (!children.has(child.name)) children.set(child.name, child);
    this.#children.set(at, children);
    return children;
  }

  *#eachChild(at: number): Iterable<Child> {
    const event = this.#events[at];
    if (event?.type !== EVENT_ID.SEQUENCE && event?.type !== EVENT_ID.MAPPING) return;
    const end = this.#ends[at] ?? 0;
    let next = at + 1;
    for (let index = 0; next < end; index++) {
      if (event.type === EVENT_ID.SEQUENCE) {
        yield { name: String(index), key: null, value: next };
      } else {
        const key = next;
        const keyEvent = this.#events[key];
        next = this.#after(key);
        const name = keyEvent?.type === EVENT_ID.SCALAR ? getScalarValue(this.#text, keyEvent) : '?';
        yield { name, key, value: next };
      }
      next = this.#after(next);
    }
  }

  #after(at: number): number {
    const type = this.#events[at]?.type;
    const isCollection = type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING;
    return isCollection ? (this.#ends[at] ?? at) + 1 : at + 1;
  }

  /** Null for a value that is not written, such as that of a key with nothing after it. */
  #offset(at: number): number | null {
    const event = this.#events[at];
    switch (event?.type) {
      case EVENT_ID.SCALAR: {
        if (event.valueStart === -1) return null;
        const isQuoted =
          event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
        return isQuoted ? event.valueStart - 1 : event.valueStart;
      }
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        return event.start;
      case EVENT_ID.ALIAS:
        return event.anchorStart - 1;
      default:
        return null;
    }
  }
}
