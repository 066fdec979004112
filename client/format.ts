/** One layout for strategies and bindings, with every comment, every value and the order of the keys kept. */
import { isDeepStrictEqual } from 'node:util';
import { load } from 'js-yaml';
import { parseDocument } from 'yaml';
import { SluiceError } from './error.js';

/**
 * The text with two spaces per level, lists indented below their key, no trailing blanks, and one line end at the end.
 *
 * @throws SluiceError `bad-plan` when the text is not YAML, or when a value would change.
 */
export function formatYaml(text: string, file: string): string {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new SluiceError(
      'bad-plan',
      `${file} is not YAML: ${problem.message}`,
      `Every problem: sluice check ${file}`,
    );
  }
  const formatted = document.toString({ indent: 2, indentSeq: true, lineWidth: 0 });
  // The proof, by the parser that reads strategies: whatever the layout does to a text, no value may change.
  if (!isDeepStrictEqual(load(formatted), load(text))) {
    throw new SluiceError(
      'bad-plan',
      `${file} is left as it is: in another layout, one of its values would change.`,
      'Anchors, tags and unusual scalars can cause this. Write the value plainly, then format again.',
    );
  }
  return formatted;
}
