/** An HTTP request whose status is compared. */
import { NEEDS_NOTHING } from '../needs.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const http: ProbeKind<ProbeOf<'http'>> = {
  label: 'HTTP',
  needsHost: () => false,
  needs: () => NEEDS_NOTHING,
  describe: ({ method, url, expect }) => `${method} ${url} -> ${expect}`,
  passesWhenWell: ({ expect }) => (expect >= 400 ? null : `an answer with status ${expect} is a healthy one`),
};
