/**
 * What must hold all the time: continuous validation, continuous regression suites and health checks. A machine repeats
 * each at its own frequency beside every step; what no machine evaluates is asked at the completion.
 */
import { list, nonBlank, numbered, type Text } from '../document.js';
import { isMachineProbe } from '../kinds/probes/index.js';
import type { MachineProbe, Requirement, WatchCondition } from '../plan.js';
import { below } from '../pointer.js';
import { describeDuration } from '../render/duration.js';
import { parseFrequency } from '../sentence/frequency.js';
import { alarmOf } from './alarm.js';
import type { Classified } from './classified.js';
import type { Compilation } from './compilation.js';
import { limitsDowntime } from './downtime.js';
import { AT_THE_END } from './facts.js';
import { limitOf, repeatedly } from './items/reconciliation.js';
import { suitesOf } from './regression.js';
import { shorten } from './reporter.js';
import { classify } from './requirement.js';

export interface Continuous {
  /** For every step. */
  readonly conditions: readonly WatchCondition[];
  /** For the completion. */
  readonly requirements: readonly Requirement[];
}

/** Where a text stands. */
interface Sentence {
  readonly pointer: string;
  readonly text: string;
}

/** How often something is repeated, and what happens when it does not hold. */
interface Pace {
  /** In front of each sentence: what the check is called. */
  readonly label: string;
  readonly everyMs: number;
  readonly onFire: WatchCondition['onFire'];
  /** What the strategy says to do then; empty without any. */
  readonly response: string;
  /** The service counts as down while it fails. */
  readonly service?: true;
}

/** Where the strategy does not say how often, or not in words that are understood. */
const DEFAULT_MS = 900_000;

export function continuousChecks(c: Compilation): Continuous {
  const parts = [...validations(c), ...suites(c), ...healthChecks(c)];
  return {
    conditions: parts.flatMap(({ conditions }) => conditions),
    requirements: parts.flatMap(({ requirements }) => requirements),
  };
}

function validations(c: Compilation): readonly Continuous[] {
  const at = '/validation_strategy/continuous_validation';
  return list(c.document.validation_strategy?.continuous_validation).flatMap((validation, index) => {
    const pointer = below(at, index);
    const id = nonBlank(validation.validation_id) ?? `continuous validation ${index + 1}`;
    const name = nonBlank(validation.name);
    const everyMs = frequencyOf(c, validation.frequency, below(pointer, 'frequency'));
    const pace: Pace = {
      label: name === null ? id : `${id} (${name})`,
      everyMs,
      onFire: 'fail',
      response: '',
    };
    const place = (key: 'checks' | 'test_dataset_ids' | 'alert_conditions') =>
      numbered(validation[key]).map((each) => ({
        pointer: below(pointer, key, each.index),
        text: each.text,
      }));
    return [
      ...place('checks').map((sentence) => holds(c, sentence, pace)),
      ...place('test_dataset_ids').map((sentence) => passes(c, sentence, pace)),
      ...place('alert_conditions').map((sentence) => staysQuiet(c, sentence, pace)),
    ];
  });
}

function suites(c: Compilation): readonly Continuous[] {
  return suitesOf(c, 'continuous').flatMap(({ id, name, paths, datasets }) => {
    const pace: Pace = { label: `${id} (${name})`, everyMs: DEFAULT_MS, onFire: 'fail', response: '' };
    return [
      ...datasets.map((sentence) => passes(c, sentence, pace)),
      ...paths.map((sentence) => holds(c, sentence, pace)),
    ];
  });
}

/** The procedure says how a health check is done; without one that a machine reads, its criterion, then its name. */
function healthChecks(c: Compilation): readonly Continuous[] {
  const at = '/monitoring_and_observability/health_checks';
  return list(c.document.monitoring_and_observability?.health_checks).flatMap((check, index) => {
    const pointer = below(at, index);
    const sentences = (['check_procedure', 'success_criteria', 'check_name'] as const).flatMap((key) => {
      const text = nonBlank(check[key]);
      return text === null ? [] : [{ pointer: below(pointer, key), text }];
    });
    const [first] = sentences;
    if (first === undefined) return [];
    const name = nonBlank(check.check_name) ?? first.text;
    const response = nonBlank(check.failure_response);
    const pace: Pace = {
      label: `health check ${name}`,
      everyMs: frequencyOf(c, check.frequency, below(pointer, 'frequency')),
      onFire: response !== null && ONLY_NOTIFIES.test(response) ? 'notify' : 'fail',
      response: response === null ? '' : `; response: ${response}`,
      ...(limitsDowntime(c) && { service: true }),
    };
    const chosen = sentences.find(({ text, pointer: place }) => isForMachine(look(c, text, place))) ?? first;
    const others = sentences.filter((sentence) => sentence !== chosen && sentence.text !== name);
    const details = others.map(({ text }) => text).join('; ');
    return [holds(c, chosen, details === '' ? pace : { ...pace, label: `${pace.label} (${details})` })];
  });
}

/** A failure response that begins so asks for a notice; any other one, and none, fails the step. */
const ONLY_NOTIFIES =
  /^\s*(?:alert|notify|page|inform|tell|warn|log)\b(?!.*\b(?:roll\s*back|abort|stop|halt)\b)/i;

/** A sentence that must hold. */
function holds(c: Compilation, { pointer, text }: Sentence, pace: Pace): Continuous {
  return repeated(c, { pointer, text }, look(c, text, pointer), pace);
}

/** A dataset that must pass. */
function passes(c: Compilation, { pointer, text }: Sentence, pace: Pace): Continuous {
  const found = c.datasets.find(text.trim(), null, pointer, c.reporter);
  return repeated(c, { pointer, text: `dataset ${text}` }, found, pace);
}

function look(c: Compilation, text: string, pointer: string): Classified {
  return classify(c, text.trim(), { pointer, at: AT_THE_END, connection: null, baseline: true }, false);
}

function isForMachine(found: Classified): boolean {
  return found.kind === 'probe' && isMachineProbe(found.probe);
}

function repeated(c: Compilation, { pointer, text }: Sentence, found: Classified, pace: Pace): Continuous {
  if (found.kind === 'problem') c.report(pointer, found.finding);
  if (found.kind !== 'probe' || !isMachineProbe(found.probe)) {
    const why = found.kind === 'open' && found.why !== undefined ? `; no machine reads it: ${found.why}` : '';
    return askedAtTheEnd(c, pointer, `${pace.label}: ${text}`, why);
  }
  const probe = repeatedly(found.probe);
  const how = `${found.how}, ${describePace(pace)}${limitOf(probe)}`;
  c.cover(pointer, `${pace.label}: ${text}`, 'automated', how);
  return watched(`${pace.label} failed: ${text}${pace.response}`, opposite(probe), pace);
}

/** An alert condition: a sentence that must not come to hold. */
function staysQuiet(c: Compilation, { pointer, text }: Sentence, pace: Pace): Continuous {
  const found = alarmOf(c, text, { pointer, at: AT_THE_END, connection: null, baseline: true });
  if (found.kind === 'person')
    return askedAtTheEnd(c, pointer, `${pace.label}: no alert: ${text}`, found.why);
  c.cover(pointer, `${pace.label}: ${text}`, 'automated', `${found.how}, ${describePace(pace)}`);
  return watched(`${pace.label}: ${text}`, found.probe, pace);
}

function watched(text: string, probe: MachineProbe, { everyMs, onFire, service }: Pace): Continuous {
  const condition = { text, probe, level: null, onFire, everyMs, ...(service && { service }) };
  return { conditions: [condition], requirements: [] };
}

function askedAtTheEnd(c: Compilation, pointer: string, text: string, why: string): Continuous {
  c.coverByPerson(pointer, text, `asked at completion, whether it held throughout${why}`);
  return { conditions: [], requirements: [{ text, probe: { how: 'person' } }] };
}

/** A watched condition says what one does not want to see: that the check fails. */
export function opposite(probe: MachineProbe): MachineProbe {
  const { inverted, ...straight } = probe;
  return inverted === true ? straight : { ...straight, inverted: true };
}

function describePace({ everyMs, onFire }: Pace): string {
  const pace = everyMs === 0 ? 'in every round of samples' : `every ${describeDuration(everyMs)}`;
  return `${pace} beside every step; a failure ${onFire === 'fail' ? 'fails the step' : 'alerts'}`;
}

function frequencyOf(c: Compilation, text: Text, pointer: string): number {
  const written = nonBlank(text);
  if (written === null) return DEFAULT_MS;
  const ms = parseFrequency(written);
  if (ms !== null) return ms;
  c.report(pointer, {
    code: 'unclear-frequency',
    severity: 'warning',
    message: `"${shorten(written)}" is not understood, so it is repeated every ${describeDuration(DEFAULT_MS)}`,
    advice: 'Write "every 15 minutes", "hourly", "daily" or "continuously".',
  });
  return DEFAULT_MS;
}
