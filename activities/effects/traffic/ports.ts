/** The ways to divide traffic: one module per way. */
import type { TrafficSource } from '../../../strategy/plan.js';
import type { ProbeContext } from '../../probes/verdict.js';
import { apiPort } from './api.js';
import { commandPort } from './command.js';
import type { TrafficPort } from './port.js';
import { proxyPort } from './proxy.js';

export function portOf(source: TrafficSource, context: ProbeContext): TrafficPort {
  switch (source.kind) {
    case 'nginx':
    case 'haproxy':
      return proxyPort(source, context);
    case 'command':
      return commandPort(source, context);
    case 'http':
      return apiPort(source, context);
    default:
      return source satisfies never;
  }
}
