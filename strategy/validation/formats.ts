/** The formats of the schemas, by name. */
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { parseIsoDate } from '../iso-date.js';

export const formats = {
  date: fullFormats.date,
  'iso-8601': (text: string) => parseIsoDate(text) !== null,
};
