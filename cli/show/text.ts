/** Text from files and programs, made fit for one line of a terminal. */

/** No line breaks, and nothing that commands a terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** Cuts at the width, and shows that it did. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
}
