/** A command of the shell, or a program of the workspace: exit status 0 passes. */
import { describeArgs, oneLine } from '../text.js';
import type { ProbeKind, ProbeOf } from './kind.js';

export const command: ProbeKind<ProbeOf<'command'>> = {
  needsHost: () => true,
  describe: ({ text, args }) => `command: ${oneLine(text)}${describeArgs(args)}`,
};

export const script: ProbeKind<ProbeOf<'script'>> = {
  needsHost: () => true,
  describe: ({ path }) => `script ${path}`,
};
