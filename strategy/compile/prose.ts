/**
 * Whether a line that a shell would start is meant for a person: "test the connection" begins with a real program.
 * Cautious, since a command that is taken for prose costs its author a prefix: every word must be a plain one, without
 * an option, path, quote, assignment or operator, and one of them must be a word that sentences need and arguments do not.
 */

/** Left out, because commands take them as arguments: `from`, `to`, `in`, `on`, `any`, `all`, `off`, `via`. */
const SENTENCE_WORDS: ReadonlySet<string> = new Set(
  (
    'the a an and that this these those is are was were be been has have must should will ' +
    'it its them their our your of with for before after until when while whether every each'
  ).split(' '),
);

/** Their arguments are prose. */
const TAKE_PROSE: ReadonlySet<string> = new Set(['echo', 'printf', 'logger', 'wall', 'say', 'notify-send']);

/** A word or a whole number, with the punctuation of a sentence behind it. */
const PLAIN = /^(?:[A-Za-z]+(?:-[A-Za-z]+)*|\d+)[,.:!]?$/;

/** True for a line of three or more plain words that reads as a sentence. */
export function isProse(line: string): boolean {
  const [program = '', ...words] = line.trim().split(/[ \t]+/);
  if (words.length < 2 || TAKE_PROSE.has(program)) return false;
  if (![program, ...words].every((word) => PLAIN.test(word))) return false;
  return words.some((word) => SENTENCE_WORDS.has(word.replace(/[,.:!]$/, '').toLowerCase()));
}
