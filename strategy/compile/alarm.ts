/** Sentences that hold when something is wrong: alert conditions and the triggers of a rollback. */
import { isMachineProbe } from '../kinds/probes/index.js';
import type { MachineProbe } from '../plan.js';
import type { Compilation } from './compilation.js';
import { shorten } from './reporter.js';
import { classify, type Place } from './requirement.js';

export type Alarm =
  | { readonly kind: 'probe'; readonly probe: MachineProbe; readonly how: string }
  /** Only a person can say; `why`: what kept a machine from reading it, where that is known. */
  | { readonly kind: 'person'; readonly why: string };

/** What samples such a sentence. One whose probe passes while all is well is an error: it would fire when healthy. */
export function alarmOf(
  c: Compilation,
  text: string,
  place: Pick<Place, 'pointer' | 'at' | 'connection' | 'baseline'>,
): Alarm {
  const found = classify(c, text, place, true);
  switch (found.kind) {
    case 'problem':
      c.report(place.pointer, found.finding);
      return { kind: 'person', why: '' };
    case 'open':
      if (found.doubt !== undefined) c.report(place.pointer, found.doubt);
      return { kind: 'person', why: found.why === undefined ? '' : `; no machine reads it: ${found.why}` };
    case 'probe': {
      const { probe, how, passesWhenWell } = found;
      if (!isMachineProbe(probe)) return { kind: 'person', why: '' };
      if (passesWhenWell === undefined) return { kind: 'probe', probe, how };
      c.report(place.pointer, {
        code: 'fires-when-healthy',
        message: `"${shorten(text)}" would fire while everything is healthy: ${passesWhenWell}`,
        advice:
          'Bind a sentence under "checks" to that probe with "expect: fail", or with "expect: pass" if it passes when something is wrong.',
      });
      return { kind: 'person', why: '' };
    }
    default:
      return found satisfies never;
  }
}
