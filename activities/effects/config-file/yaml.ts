/** YAML: the value is replaced, added or removed in the text itself, so that all the rest stays as it was written. */
import { type Document, parseDocument } from 'yaml';
import { asKey, editYaml } from '../../../strategy/edit/yaml.js';
import { Refusal } from '../../refusal.js';
import type { Codec } from './codec.js';

export const yaml: Codec = {
  parse: (text) => documentOf(text).toJS(),
  write(text, path, value) {
    const inPlace = editYaml(text, path, value);
    if (inPlace !== null) return inPlace;
    // Block scalars and maps for values: rewritten from the document, which keeps comments and may move spaces.
    const document = documentOf(text);
    if (value === undefined) document.deleteIn(path.map(asKey));
    else document.setIn(path.map(asKey), value);
    return document.toString({ lineWidth: 0 });
  },
};

function documentOf(text: string): Document.Parsed {
  const document = parseDocument(text, { uniqueKeys: true });
  const [first] = document.errors;
  if (first !== undefined) {
    throw new Refusal(`it is not YAML (${first.message.split('\n')[0] ?? 'it cannot be read'})`);
  }
  return document;
}
