/**
 * Warns where a sentence is left to a person only because something in it is mistyped: whatever is one slip away from an
 * id, metric, dataset, role, binding or SQL keyword of these files.
 */
import type { BindingsDocument } from '../bindings-document.js';
import { below } from '../pointer.js';
import { SlipIndex } from '../slip.js';
import type { Compilation } from './compilation.js';
import { parseFactSentence } from './fact-sentence.js';
import { type Finding, type Reporter, shorten } from './reporter.js';
import { reportRoles } from './roles.js';
import { isShellLookalike, mayBeSql, SQL_VERBS } from './sql.js';

/** More warnings of this kind would hide the others, and a file that needs them has another fault than slips. */
const MOST = 100;

export interface NearMissInput {
  readonly bindings: { readonly document: BindingsDocument; readonly reporter: Reporter } | null;
  /** Roles that the bindings do not name are errors. */
  readonly strict: boolean;
}

export function reportNearMisses(c: Compilation, { bindings, strict }: NearMissInput): void {
  const names = new KnownNames(c, bindings?.document ?? null);
  // A strategy repeats many of its sentences.
  const seen = new Map<string, Finding | null>();
  let left = MOST;
  for (const { pointer, text } of c.unread) {
    const known = seen.get(text);
    const finding = known === undefined ? names.nearMissIn(text) : known;
    if (known === undefined) seen.set(text, finding);
    const slipped = finding ?? (/\/(?:rollback_)?steps\/\d+$/.test(pointer) ? statementIn(c, text) : null);
    if (slipped === null || left === 0) continue;
    left -= 1;
    c.report(pointer, slipped);
  }
  reportChannels(c, bindings?.document ?? null);
  reportRoles(c, strict);
  if (bindings !== null) reportIdleCalendar(c, bindings.document, bindings.reporter);
}

class KnownNames {
  readonly #sentences: SlipIndex;
  readonly #metrics: SlipIndex;
  readonly #datasets: SlipIndex;
  readonly #ids: SlipIndex;

  constructor(c: Compilation, document: BindingsDocument | null) {
    this.#metrics = new SlipIndex(Object.keys(document?.metrics ?? {}));
    this.#datasets = new SlipIndex(c.datasets.ids());
    this.#ids = new SlipIndex(c.facts.ids());
    this.#sentences = new SlipIndex(
      (['checks', 'windows', 'freezes'] as const).flatMap((section) =>
        Object.keys(document?.[section] ?? {}),
      ),
    );
  }

  nearMissIn(text: string): Finding | null {
    const dataset = /^dataset (.+)$/.exec(text)?.[1];
    if (dataset !== undefined) return nearMiss('test dataset', dataset, this.#datasets.meant(dataset));
    return (
      nearMiss('bound sentence', text, this.#sentences.meant(text)) ??
      nearMiss('bound metric', text, this.#metrics.meant(text)) ??
      this.#metricIn(text) ??
      this.#idIn(text)
    );
  }

  #metricIn(text: string): Finding | null {
    const name = /^([^<>=≤≥≠!]{1,100})(?:[<>=≤≥≠]|!=)/.exec(text)?.[1]?.trim();
    return name === undefined ? null : nearMiss('bound metric', name, this.#metrics.meant(name));
  }

  #idIn(text: string): Finding | null {
    const sentence = parseFactSentence(text);
    const words = new Set(text.match(/[A-Za-z]\w*(?:[-_]\w+)+/g) ?? []);
    if (sentence?.kind === 'name') words.add(sentence.name);
    for (const word of words) {
      const finding =
        nearMiss('id of this file', word, this.#ids.meant(word)) ??
        nearMiss('test dataset', word, this.#datasets.meant(word));
      if (finding !== null) return finding;
    }
    return null;
  }
}

function nearMiss(what: string, found: string, meant: string | null): Finding | null {
  if (meant === null) return null;
  return {
    code: 'near-miss',
    severity: 'warning',
    message: `"${shorten(found)}" is not a known ${what}, but is close to "${shorten(meant)}"`,
    advice: `Did you mean "${shorten(meant)}"?`,
  };
}

const VERBS = new SlipIndex(SQL_VERBS);

/** SQL without a prefix where only a prefix makes a sentence run, as written or with its first word corrected. */
function statementIn(c: Compilation, text: string): Finding | null {
  const [first = ''] = text.trim().split(/\s/, 1);
  const meant = VERBS.meant(first);
  const corrected = meant === null ? text : `${meant}${text.trim().slice(first.length)}`;
  if (!mayBeSql(corrected) || isShellLookalike(corrected) || c.surroundings.sqlError(corrected) !== null)
    return null;
  if (meant !== null) return nearMiss('keyword of SQL', first, meant);
  return {
    code: 'bare-sql',
    severity: 'warning',
    message: `"${shorten(text)}" is SQL without a prefix, so a person is asked to run it`,
    advice: 'Put "sql: " in front of it to have it run.',
  };
}

/** The channels of metrics: a mistyped one would be found out too late. */
function reportChannels(c: Compilation, document: BindingsDocument | null): void {
  const channels = new SlipIndex(Object.keys(document?.channels ?? {}));
  const monitored = c.document.monitoring_and_observability?.migration_monitoring ?? [];
  for (const [index, { alert_channels: names }] of monitored.entries()) {
    for (const [place, name] of (names ?? []).entries()) {
      const finding = name === null ? null : nearMiss('bound channel', name, channels.meant(name));
      const at = below('/monitoring_and_observability/migration_monitoring', index, 'alert_channels', place);
      if (finding !== null) c.report(at, finding);
    }
  }
}

/** A window or freeze that nothing asks for was probably meant to hold the run up, under another name. */
function reportIdleCalendar(c: Compilation, document: BindingsDocument, reporter: Reporter): void {
  const constraints = c.document.migration_overview?.constraints;
  const asked = [constraints?.migration_window ?? null, ...(constraints?.business_constraints ?? [])];
  const unbound = asked.filter(
    (text) => text !== null && !c.bindings.windows.has(text) && !c.bindings.freezes.has(text),
  );
  for (const [section, what] of [
    ['windows', 'window'],
    ['freezes', 'freeze'],
  ] as const) {
    for (const key of Object.keys(document[section] ?? {})) {
      // One that could not be read has an error of its own.
      if (c.bindings.used.has(`${section}/${key}`) || !c.bindings[section].has(key)) continue;
      const sentences = unbound.map((text) => `"${shorten(text ?? '')}"`).join(', ');
      reporter.report(below('', section, key), {
        code: 'idle-calendar',
        severity: 'warning',
        message: `no constraint of the strategy matches the ${what} "${shorten(key)}", so it has no effect`,
        advice:
          sentences === ''
            ? 'Add its sentence to the constraints of migration_overview, or remove it.'
            : `Bind it under the exact words of the constraint: ${sentences}.`,
      });
    }
  }
}
