/** The message for a text that is not YAML, and its position. */
import { YAMLException } from 'js-yaml';
import { missingColon } from './missing-colon.js';

export interface YamlSyntaxError {
  readonly offset: number;
  readonly message: string;
  readonly advice: string | null;
}

/** Words an error of the parser. `maxDepth`: how deep collections may stand in each other. */
export function describeSyntaxError(text: string, error: Error, maxDepth: number): YamlSyntaxError {
  const isYaml = error instanceof YAMLException;
  const reason = isYaml ? error.reason : error.message;
  const offset = isYaml ? (error.mark?.position ?? 0) : 0;
  const missing = missingColon(text, offset, reason);
  // js-yaml says so only inside quotes and brackets, whose lines must stand deeper than their key.
  if (reason.includes('deficient indentation')) {
    return {
      offset,
      message: 'this is not YAML: a quote, "[" or "{" above is not closed before this line',
      advice: 'Close it, or indent its lines more than the key it belongs to.',
    };
  }
  if (missing === null) {
    return { offset, message: `this is not YAML: ${reason}`, advice: adviceFor(reason, maxDepth) };
  }
  const what = missing.blankOnly ? 'blank behind the colon' : 'colon';
  return {
    offset: missing.offset,
    message: `this is not YAML: the ${what} of "${missing.key}" is missing`,
    advice: `Write "${missing.key}: " and then its value.`,
  };
}

function adviceFor(reason: string, maxDepth: number): string | null {
  if (reason.includes('tab characters')) return 'Indent with spaces.';
  if (reason.includes('maxDepth')) return `The limit is ${maxDepth} levels.`;
  if (reason.includes('indentation'))
    return 'Indent all keys of one mapping, and all items of one list, alike.';
  if (reason.includes('null byte') || reason.includes('non-printable')) return 'Remove that character.';
  return null;
}
