/** Probes that pass while all is well, as far as they show it themselves. */
import type { MachineProbe } from '../plan.js';

/** Programs that exit with 0 when what they ask is up. */
const HEALTH_CHECK =
  /^\s*(curl|wget|pg_isready|nc|ping|kubectl\s+(?:wait|rollout\s+status)|systemctl\s+is-active)\b/;

/** Empty when the probe does not show what it is; then it is taken to pass when its sentence holds. */
export function wellWhenPassed(probe: MachineProbe): { readonly passesWhenWell?: string } {
  switch (probe.how) {
    case 'http':
      return probe.expect >= 400
        ? {}
        : { passesWhenWell: `an answer with status ${probe.expect} is a healthy one` };
    case 'command': {
      const program = HEALTH_CHECK.exec(probe.text)?.[1];
      return program === undefined
        ? {}
        : { passesWhenWell: `${program} exits with 0 when what it asks is up` };
    }
    case 'script':
    case 'sql':
    case 'sql-script':
    case 'metric':
    case 'all':
      return {};
    default:
      return probe satisfies never;
  }
}
