/** What runs as a process: a line for the shell, or a program of the workspace. */

import type { CommandAction } from '../../plan.js';
import { NEEDS_NOTHING, type Needs } from '../needs.js';
import { oneLine } from '../text.js';
import type { EffectKind } from './kind.js';

const PROCESS: Needs = { ...NEEDS_NOTHING, environment: true };

export const command: EffectKind<Extract<CommandAction, { kind: 'command' }>> = {
  runs: 'host',
  needs: () => PROCESS,
  title: ({ text }) => text,
  means: () => 'shell command',
  describe: ({ text }) => `$ ${oneLine(text)}`,
};

export const script: EffectKind<Extract<CommandAction, { kind: 'script' }>> = {
  runs: 'host',
  needs: () => PROCESS,
  title: ({ path }) => path,
  means: ({ path }) => `script ${path}`,
  describe: ({ path }) => `script ${path}`,
};
