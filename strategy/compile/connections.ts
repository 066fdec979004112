/** The bound connections, and the choice of one for a statement. */
import type { ConnectionBinding } from '../bindings-document.js';
import type { ConnectionSource } from '../plan.js';
import { below } from '../pointer.js';
import { suggest } from '../suggest.js';
import { meant, type Reporter } from './reporter.js';
import { checkConnection, checkReferences } from './secrets.js';

export class ConnectionTable {
  readonly sources: Readonly<Record<string, ConnectionSource>>;
  readonly #names: readonly string[];

  constructor(bindings: Readonly<Record<string, ConnectionBinding>>, reporter: Reporter) {
    for (const [name, { postgres }] of Object.entries(bindings)) {
      const finding = checkReferences(postgres) ?? checkConnection(postgres);
      if (finding !== null) reporter.report(below('/connections', name, 'postgres'), finding);
    }
    this.sources = Object.fromEntries(
      Object.entries(bindings).map(([name, { postgres }]) => [name, { postgres }]),
    );
    this.#names = Object.keys(bindings);
  }

  /** The named connection, else the only one there is; null after reporting why none can be chosen. */
  choose(wanted: string | null, pointer: string, reporter: Reporter): string | null {
    if (wanted !== null && Object.hasOwn(this.sources, wanted)) return wanted;
    const [only] = this.#names;
    if (wanted === null && only !== undefined && this.#names.length === 1) return only;
    if (wanted !== null) {
      reporter.report(pointer, {
        code: 'unknown-connection',
        message: `there is no connection "${wanted}" in the bindings`,
        advice: meant(suggest(wanted, this.#names), this.#names, 'connection, or add it under "connections"'),
      });
    } else if (only === undefined) {
      reporter.report(pointer, {
        code: 'no-connection',
        message: 'this is SQL, and the bindings define no connection',
        advice: 'Add one under "connections". If it is a shell command, put "$ " in front of it.',
      });
    } else {
      reporter.report(pointer, {
        code: 'which-connection',
        message: `this is SQL, and the bindings define ${this.#names.length} connections: ${this.#names.join(', ')}`,
        advice: 'Choose one: "x-connection" on the step, or "connection" in the binding.',
      });
    }
    return null;
  }
}
