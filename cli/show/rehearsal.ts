/** The progress of a rehearsal: a bar on a terminal, one line on stderr per finished point elsewhere. */
import { finishedLine, progressBar, type RehearsalProgress } from '../../strategy/rehearsal/progress.js';
import type { Terminal } from '../terminal.js';
import { Screen } from './screen.js';

export interface ProgressDisplay {
  readonly show: (progress: RehearsalProgress) => void;
  /** Leaves the bar where it is. */
  readonly end: () => void;
}

export function progressDisplay(terminal: Terminal, json: boolean): ProgressDisplay {
  const screen = terminal.interactive && !json ? new Screen(terminal) : null;
  return {
    show(progress) {
      const line = finishedLine(progress);
      if (screen === null) {
        if (line !== null) terminal.note(line);
        return;
      }
      if (line !== null) screen.above(line);
      screen.draw([progressBar(progress)]);
    },
    end: () => screen?.release(),
  };
}
