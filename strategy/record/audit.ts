/** What is wrong with a record: its lines against each other, and against the signed head. Pure; signatures are the client's. */

import { NO_EVENTS, withEvent } from './events-hash.js';
import type { RecordHead } from './head.js';
import { type ChainedLine, eventOfLine, firstPrev, hashLine, parseRecordLine } from './line.js';

/**
 * `altered`: bytes were changed. `missing`: events are not there. `order`: lines were moved. `duplicate`: an event comes
 * twice. `truncated`: the end is gone. `extended`: lines were added after the signed end. `foreign-key`: written or signed by
 * an installation that is not known here. `signature`: the signed head is not what was signed. `unsigned`: no head was found.
 * `plan`: the head is about another plan. `witness`: a head seen elsewhere is not in this record. `vote`: a signed vote or
 * command does not hold.
 */
export type FindingKind =
  | 'altered'
  | 'missing'
  | 'order'
  | 'duplicate'
  | 'truncated'
  | 'extended'
  | 'foreign-key'
  | 'signature'
  | 'unsigned'
  | 'plan'
  | 'witness'
  | 'vote';

export interface Finding {
  readonly kind: FindingKind;
  /** The line of the file, from 1 on; null when it is not about one. */
  readonly line: number | null;
  readonly message: string;
}

export interface Chain {
  /** One hash per line of the file. */
  readonly hashes: readonly string[];
  /** The hashes over the events up to each line, as notices carry them; none where the record has not its beginning. */
  readonly eventHashes: readonly string[];
  /** The number of the first and one past the last event; equal when there are none. */
  readonly from: number;
  readonly until: number;
  /** The plan that the first event names, and what its line names as the one before; null when that line is not a record line. */
  readonly plan: string | null;
  readonly firstPrev: string | null;
  readonly findings: readonly Finding[];
}

interface Place {
  readonly line: number;
  readonly hash: string;
  readonly parsed: ChainedLine | null;
  /** The event's number, by the chain rather than by what an altered line says. */
  readonly seq: number;
}

/** Reads the lines of a record and finds what does not fit together between them. */
export function auditLines(text: string): Chain {
  const findings: Finding[] = [];
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const places: Place[] = [];
  for (const [index, line] of lines.entries()) {
    const place = placeOf(line, index + 1, places.at(-1));
    findings.push(...lineFindings(place, places));
    places.push(place);
  }
  if (rest !== '') {
    findings.push(finding('truncated', lines.length + 1, 'The last line is cut off.'));
  }
  findings.push(...missingEvents(places));
  const eventHashes = eventHashesOf(lines);
  findings.push(...auditQuestions(lines, eventHashes));
  const seqs = places.map(({ seq }) => seq);
  const first = places[0]?.parsed ?? null;
  const started = first === null ? null : eventOfLine(lines[0] ?? '');
  return {
    hashes: places.map(({ hash }) => hash),
    eventHashes,
    from: places[0]?.seq ?? 0,
    until: seqs.reduce((most, seq) => Math.max(most, seq + 1), 0),
    plan: started?.type === 'run-started' ? started.plan : null,
    firstPrev: first?.prev ?? null,
    findings,
  };
}

/** As far as the lines can be read. */
function eventHashesOf(lines: readonly string[]): readonly string[] {
  const hashes: string[] = [];
  let latest = NO_EVENTS;
  for (const line of lines) {
    const event = parseRecordLine(line) === null ? null : eventOfLine(line);
    if (event === null || event.seq !== hashes.length) break;
    latest = withEvent(latest, event);
    hashes.push(latest);
  }
  return hashes;
}

/** Finds questions that were not asked after just these events: voters signed the hash that they name. */
function auditQuestions(lines: readonly string[], eventHashes: readonly string[]): readonly Finding[] {
  return lines.slice(0, eventHashes.length).flatMap((line, index) => {
    const event = line.includes('"decision-opened"') ? eventOfLine(line) : null;
    if (event?.type !== 'decision-opened' || event.decision.recordHead === undefined) return [];
    if (event.decision.recordHead === (eventHashes[index - 1] ?? NO_EVENTS)) return [];
    const { id } = event.decision;
    const message = `The events before line ${index + 1} are not those after which ${id} was asked: one of them was changed, or the hash that its voters were shown was.`;
    return [finding('altered', index + 1, message)];
  });
}

/** A line that follows the hash of the one before it is in its place, whatever number it claims. */
function placeOf(text: string, line: number, before: Place | undefined): Place {
  const parsed = parseRecordLine(text);
  const next = before === undefined ? 0 : before.seq + 1;
  const linked = before !== undefined && parsed?.prev === before.hash;
  return { line, hash: hashLine(text), parsed, seq: parsed === null || linked ? next : parsed.seq };
}

function lineFindings(place: Place, earlier: readonly Place[]): readonly Finding[] {
  const { line, parsed, seq } = place;
  const before = earlier.at(-1);
  if (parsed === null)
    return [finding('altered', line, `Line ${line} is not the canonical JSON of a record line.`)];
  if (parsed.seq !== seq)
    return [finding('altered', line, `Line ${line} says event ${parsed.seq}, but it is event ${seq}.`)];
  if (before === undefined || parsed.prev === before.hash) return [];
  if (seq === before.seq + 1) {
    // An unreadable line has been reported already; that its successor does not fit follows from it.
    if (before.parsed === null) return [];
    const message = `The chain breaks at line ${line}: it does not name the hash of line ${before.line}. One of the two was changed.`;
    return [finding('altered', before.line, message)];
  }
  if (seq > before.seq) return [];
  return earlier.some((other) => other.seq === seq)
    ? [finding('duplicate', line, `Event ${seq} is there twice; line ${line} is the second.`)]
    : [finding('order', line, `Event ${seq} comes after event ${before.seq}: lines were moved.`)];
}

function missingEvents(places: readonly Place[]): readonly Finding[] {
  const present = [...new Set(places.map(({ seq }) => seq))].sort((one, other) => one - other);
  const findings: Finding[] = [];
  let next = 0;
  for (const seq of present) {
    if (seq > next) {
      const what = seq === next + 1 ? `Event ${next} is` : `Events ${next} to ${seq - 1} are`;
      const line = places.find((place) => place.seq === seq)?.line ?? null;
      findings.push(finding('missing', line, `${what} missing.`));
    }
    next = seq + 1;
  }
  return findings;
}

/** Finds what in the chain is not what the head says. */
export function auditHead(chain: Chain, signed: RecordHead): readonly Finding[] {
  const findings: Finding[] = [];
  const { until, hashes, plan } = chain;
  if (until < signed.count) {
    const missing = signed.count - until;
    const message = `The head was signed over ${signed.count} events; the last ${missing} of them ${missing === 1 ? 'is' : 'are'} missing.`;
    findings.push(finding('truncated', null, message));
  } else if (!hashes.includes(signed.head)) {
    const message = `Event ${signed.count - 1} is not the one that was signed: it was changed, or an earlier one was and the chain was written anew.`;
    findings.push(finding('altered', null, message));
  }
  if (until > signed.count) {
    const message = `The head was signed over ${signed.count} events; ${until - signed.count} more follow. A worker that was killed between writing and signing leaves this too, and signs when it retries.`;
    findings.push(finding('extended', null, message));
  }
  if (plan !== null && plan !== signed.plan) {
    findings.push(finding('plan', 1, `The record is of plan ${plan}, the head of plan ${signed.plan}.`));
  }
  return findings;
}

/** Finds a first line that none of these keys' installations wrote. */
export function auditOrigin({ plan, firstPrev: prev }: Chain, keyIds: readonly string[]): readonly Finding[] {
  if (plan === null || keyIds.some((id) => firstPrev(plan, id) === prev)) return [];
  const message =
    'The first line was not written with a key that is known here, or it names another plan than it was written for.';
  return [finding('foreign-key', 1, message)];
}

/** Finds heads, noted elsewhere at the time, that are not in the record. */
export function auditWitnesses({ hashes, eventHashes }: Chain, heads: readonly string[]): readonly Finding[] {
  return heads
    .filter((head) => !hashes.includes(head) && !eventHashes.includes(head))
    .map((head) => finding('witness', null, `Up to no line of this record does the hash ${head} fit.`));
}

export function finding(kind: FindingKind, line: number | null, message: string): Finding {
  return { kind, line, message };
}
