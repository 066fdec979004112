/** The terminal as the verbs see it, so that they can be tested without one. */
import { userInfo } from 'node:os';
import { styleText } from 'node:util';
import type { Tone } from '../strategy/run/labels.js';
import { COLOURS, escapeControls } from './escape-controls.js';

export type Style = Tone | 'strong';

/** Gives a text a colour, or leaves it alone where colours are unwelcome. */
export type Paint = (style: Style, text: string) => string;

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True when a person sits there: both stdin and stdout are terminals. */
  readonly interactive: boolean;
  readonly paint: Paint;
  width(): number;
  height(): number;
  now(): Date;
  /** A line, or several, to stdout. What commands a terminal is written out, here as in `flush` and `note`. */
  out(text: string): void;
  /** Text to stdout as it is, without a line end: for redrawing. Foreign text in it must be `harmless`. */
  raw(text: string): void;
  /** Text without a line end; waits while the reader is slower than we are. */
  flush(text: string): Promise<void>;
  /** A line of progress or diagnostics to stderr. */
  note(text: string): void;
}

export const plain: Paint = (_style, text) => text;

const coloured: Paint = (style, text) => styleText(COLOURS[style], text, { validateStream: false });

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const colours = Boolean(stdout.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb';
  return {
    env,
    interactive: Boolean(stdin.isTTY && stdout.isTTY) && env.TERM !== 'dumb',
    paint: colours ? coloured : plain,
    width: () => stdout.columns || 100,
    height: () => stdout.rows || 40,
    now: () => new Date(),
    out: (text) => void stdout.write(`${escapeControls(text)}\n`),
    raw: (text) => void stdout.write(text),
    flush: (text) =>
      new Promise((resolve) => {
        stdout.write(escapeControls(text), () => resolve());
      }),
    note: (text) => void stderr.write(`${escapeControls(text)}\n`),
  };
}

/** Who acts: `--as`, else $SLUICE_AS, else the operating system's user. */
export function actor(as: string | undefined, env: Terminal['env']): string {
  const given = as?.trim() || env.SLUICE_AS?.trim();
  return given || userInfo().username;
}
