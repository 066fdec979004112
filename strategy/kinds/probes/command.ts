/** A command of the shell, or a program of the workspace: exit status 0 passes. */

import { NEEDS_NOTHING, type Needs } from '../needs.js';
import { describeArgs, oneLine } from '../text.js';
import type { ProbeKind, ProbeOf } from './kind.js';

/** Programs that exit with 0 when what they ask is up. */
const HEALTH_CHECK =
  /^\s*(curl|wget|pg_isready|nc|ping|kubectl\s+(?:wait|rollout\s+status)|systemctl\s+is-active)\b/;

const PROCESS: Needs = { ...NEEDS_NOTHING, environment: true };

export const command: ProbeKind<ProbeOf<'command'>> = {
  label: 'a command',
  needsHost: () => true,
  needs: () => PROCESS,
  describe: ({ text, args }) => `command: ${oneLine(text)}${describeArgs(args)}`,
  passesWhenWell: ({ text }) => {
    const program = HEALTH_CHECK.exec(text)?.[1];
    return program === undefined ? null : `${program} exits with 0 when what it asks is up`;
  },
};

export const script: ProbeKind<ProbeOf<'script'>> = {
  label: 'a script',
  needsHost: () => true,
  needs: () => PROCESS,
  describe: ({ path }) => `script ${path}`,
};
