/** The ways to divide traffic: one module per way. */
import type { TrafficSource } from '../../../strategy/plan.js';
import type { Dependencies } from '../../dependencies.js';
import type { ProbeContext } from '../../probes/verdict.js';
import { apiPort } from './api.js';
import { commandPort } from './command.js';
import { flagPort } from './flag.js';
import { flagdPort } from './flagd.js';
import type { TrafficPort } from './port.js';
import { proxyPort } from './proxy.js';

export function portOf(
  source: TrafficSource,
  context: ProbeContext,
  dependencies: Dependencies,
): TrafficPort {
  switch (source.kind) {
    case 'nginx':
    case 'haproxy':
      return proxyPort(source, context);
    case 'command':
      return commandPort(source, context);
    case 'http':
      return apiPort(source, context);
    case 'flagd':
      return flagdPort(source, context);
    case 'flag':
      return flagPort(source, context, dependencies);
    default:
      return source satisfies never;
  }
}
