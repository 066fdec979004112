/** Draws lines in place on a terminal: each picture replaces the one before it. */
import { escapeControls } from '../escape-controls.js';
import type { Terminal } from '../terminal.js';

const UP = (lines: number): string => (lines > 0 ? `\u001B[${lines}A` : '');
const CLEAR_BELOW = '\u001B[0J';
// While a picture is drawn, long lines end at the edge: a wrapped line would be two rows and shift the redraw.
const NO_WRAP = '\u001B[?7l';
const WRAP = '\u001B[?7h';

export class Screen {
  private drawn = 0;
  private latest: readonly string[] = [];

  constructor(private readonly terminal: Pick<Terminal, 'raw'>) {}

  /** Replaces the picture. */
  draw(lines: readonly string[]): void {
    this.terminal.raw(
      `\r${UP(this.drawn)}${CLEAR_BELOW}${NO_WRAP}${escapeControls(lines.join('\n'))}${WRAP}\n`,
    );
    this.drawn = lines.length;
    this.latest = lines;
  }

  /** Writes lines that stay above the picture. */
  above(text: string): void {
    this.terminal.raw(`\r${UP(this.drawn)}${CLEAR_BELOW}${escapeControls(text)}\n`);
    this.drawn = 0;
    if (this.latest.length > 0) this.draw(this.latest);
  }

  /** Leaves the picture where it is; the next one starts below it. */
  release(): void {
    this.drawn = 0;
    this.latest = [];
  }
}
