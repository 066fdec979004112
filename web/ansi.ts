/** What a program printed, with the colours that it asked for as names of classes: never as styles, and nothing else of a terminal. */

export interface Piece {
  readonly text: string;
  /** Names of classes, separated by blanks; empty for plain text. */
  readonly look: string;
}

/** The eight colours of a terminal, in the tones of these pages, which are legible in light and dark. */
const COLOURS = ['', 'bad', 'good', 'asks', 'busy', 'busy', 'busy', ''];
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const SEQUENCE = /\u001b(?:\[([0-9;:]*)([ -/]*[@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** One line without its end. A line that was drawn again and again, as progress is, shows what it came to. */
export function piecesOf(line: string): readonly Piece[] {
  const text = line.slice(line.replace(/\r+$/, '').lastIndexOf('\r') + 1);
  const pieces: Piece[] = [];
  let look: Look = PLAIN;
  let from = 0;
  const add = (part: string): void => {
    const shown = withoutControls(part);
    if (shown !== '') pieces.push({ text: shown, look: describe(look) });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    add(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') look = after(look, match[1] ?? '');
  }
  add(text.slice(from));
  return pieces;
}

interface Look {
  readonly colour: string;
  readonly bold: boolean;
}

const PLAIN: Look = { colour: '', bold: false };

function describe({ colour, bold }: Look): string {
  return [colour, bold ? 'bold' : ''].filter((name) => name !== '').join(' ');
}

/** Select graphic rendition; what is not known here changes nothing. */
function after(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = look;
  for (let place = 0; place < codes.length; place += 1) {
    const code = codes[place] ?? 0;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 22) next = { ...next, bold: false };
    else if (code === 39) next = { ...next, colour: '' };
    else if (code >= 30 && code <= 37) next = { ...next, colour: COLOURS[code - 30] ?? '' };
    else if (code >= 90 && code <= 97) next = { ...next, colour: COLOURS[code - 90] ?? '' };
    // A colour of a larger palette, of this or of the background: its numbers are not codes.
    else if (code === 38 || code === 48) place += codes[place + 1] === 2 ? 4 : 2;
  }
  return next;
}

function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
