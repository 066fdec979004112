/** In whose name and role a vote was cast, in words: the same on every face. */
import type { Vote } from './decision.js';

type Cast = Pick<Vote, 'by' | 'role' | 'onBehalfOf' | 'escalatedTo'>;

/** Such as `dan as "DBA Lead" for dora`, or `hanna as "Head", escalated from "DBA Lead"`. */
export function describeCaster({ by, role, onBehalfOf, escalatedTo }: Cast): string {
  const under =
    escalatedTo === undefined
      ? role === by
        ? ''
        : ` as "${role}"`
      : ` as "${escalatedTo}", escalated from "${role}"`;
  return `${by}${under}${onBehalfOf === undefined ? '' : ` for ${onBehalfOf}`}`;
}

/** Who voted, as a reason names them: `dan for dora`. */
export function nameOf({ by, onBehalfOf }: Pick<Vote, 'by' | 'onBehalfOf'>): string {
  return onBehalfOf === undefined ? by : `${by} for ${onBehalfOf}`;
}
