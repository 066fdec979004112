/** When a notification is sent: "24 hours before the start", "after each phase", "every 30 minutes", "within 1 hour of completion". */
import { parseDuration } from './duration.js';
import { parseFrequency } from './frequency.js';
import { LONGEST } from './reading.js';

export type Timing =
  /** At the event itself. */
  | { readonly kind: 'event' }
  /** So many milliseconds before the start, or after the end. */
  | { readonly kind: 'lead' | 'lag'; readonly ms: number }
  | { readonly kind: 'every'; readonly ms: number }
  /** `which`: the phase as it is written; null for each of them. */
  | { readonly kind: 'phase'; readonly moment: 'begins' | 'ends'; readonly which: string | null }
  | { readonly kind: 'gates' };

export type Occasion = 'pre_migration' | 'during_migration' | 'post_migration' | 'issue';

const MIGRATION =
  '(?:the )?(?:migration|run|start|beginning|kick-?off|cut-?over|(?:migration |maintenance )?window|execution|migration start|start of (?:the )?(?:migration|run|window))';
const END =
  '(?:the )?(?:migration|run|end|completion|cut-?over|migration completion|completion of (?:the )?(?:migration|run)|end of (?:the )?(?:migration|run))';
const AT_ONCE =
  '(?:immediately|at once|right away|instantly|as soon as possible|asap|promptly|real[- ]time|as it happens)';

const SENTENCES: Readonly<
  Record<Occasion, readonly (readonly [RegExp, (...found: string[]) => Timing | null])[]>
> = {
  pre_migration: [
    [new RegExp(`^(.+?) (?:before|prior to|ahead of|in advance of)(?: ${MIGRATION})?$`, 'i'), lead],
    [/^(.+?) (?:in advance|ahead|beforehand)$/i, lead],
    [/^t\s*[-−–]\s*(.+)$/i, lead],
    [
      new RegExp(
        `^(?:${AT_ONCE} |just |shortly |right )?(?:at|on|upon|before|prior to|when|as)(?: ${MIGRATION})(?: (?:starts|begins))?$`,
        'i',
      ),
      atTheEvent,
    ],
    [new RegExp(`^${AT_ONCE}$`, 'i'), atTheEvent],
  ],
  during_migration: [
    [
      /^(.+?)(?: (?:during|throughout|while)(?: the)?(?: migration| execution| run| cut-?over)?(?: runs)?)?$/i,
      every,
    ],
    [
      /^(?:at|on|upon|after|at the end of|on completion of|upon completion of|at completion of) (?:each|every|a|the|all) (?:phases?|milestones?)(?: (?:completion|ends?|completes|is completed|transition|boundary))?$/i,
      () => ({ kind: 'phase', moment: 'ends', which: null }),
    ],
    [/^(?:each|every|per) phase(?: completion)?$/i, () => ({ kind: 'phase', moment: 'ends', which: null })],
    [
      /^(?:before|at the start of|at the beginning of) (?:each|every) phase$/i,
      () => ({ kind: 'phase', moment: 'begins', which: null }),
    ],
    [/^(?:at|on|after|upon) (?:each|every|all) (?:validation )?gates?$/i, () => ({ kind: 'gates' })],
    [
      /^(?:after|at the end of|on completion of|upon completion of|at completion of|once|when) (.+?)(?: (?:is completed|is complete|completes|is done|ends))?$/i,
      (which) => phaseOf('ends', which),
    ],
    [/^(?:before|at the start of|at the beginning of) (.+)$/i, (which) => phaseOf('begins', which)],
    [
      new RegExp(
        `^(?:${AT_ONCE}|(?:during|throughout) (?:the )?migration|ongoing|on every event|as needed)$`,
        'i',
      ),
      atTheEvent,
    ],
  ],
  post_migration: [
    [new RegExp(`^within (.+?)(?: (?:of|after|following) ${END})?$`, 'i'), withinTime],
    [new RegExp(`^(.+?) (?:after|following)(?: ${END})?$`, 'i'), lag],
    [
      new RegExp(
        `^(?:${AT_ONCE} |shortly |right )?(?:after|at|on|upon|when|once|following) ${END}(?: (?:is )?(?:completes?|completed|ends|finished|finishes|done))?$`,
        'i',
      ),
      atTheEvent,
    ],
    [new RegExp(`^${AT_ONCE}$`, 'i'), atTheEvent],
  ],
  issue: [
    [
      new RegExp(
        `^(?:${AT_ONCE}(?: (?:when|if|after|on|upon) .{1,80})?|as needed|on (?:detection|occurrence)|when(?:ever)? (?:an? )?(?:issues?|incidents?|problems?) (?:occurs?|arises?|is detected|are detected))$`,
        'i',
      ),
      atTheEvent,
    ],
    [
      /^within (.+?)(?: of (?:detection|discovery|the issue|an issue|the incident|an incident))?$/i,
      withinTime,
    ],
  ],
};

/** When it is sent; null for words that are not all understood. */
export function parseTiming(text: string, occasion: Occasion): Timing | null {
  const plain = text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
  if (plain.length > LONGEST) return null;
  for (const [sentence, read] of SENTENCES[occasion]) {
    const found = sentence.exec(plain);
    const timing = found === null ? null : read(...found.slice(1));
    if (timing !== null) return timing;
  }
  return null;
}

function atTheEvent(): Timing {
  return { kind: 'event' };
}

function lead(text = ''): Timing | null {
  const ms = spanOf(text);
  return ms === null ? null : { kind: 'lead', ms };
}

function lag(text = ''): Timing | null {
  const ms = spanOf(text);
  return ms === null ? null : { kind: 'lag', ms };
}

/** At once is within any time. */
function withinTime(text = ''): Timing | null {
  return spanOf(text) === null ? null : { kind: 'event' };
}

function every(text = ''): Timing | null {
  const ms = parseFrequency(text);
  if (ms === null) return null;
  return ms === 0 ? { kind: 'event' } : { kind: 'every', ms };
}

function phaseOf(moment: 'begins' | 'ends', which = ''): Timing | null {
  return which === '' ? null : { kind: 'phase', moment, which };
}

/** "A day" is one. */
function spanOf(text: string): number | null {
  return parseDuration(text.replace(/^(?:an?|one) /i, '1 '));
}
