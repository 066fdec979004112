/** How the kinds write what they hold into one line of a plan. */

/** A text of several lines as one, cut to what a line can hold. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}

/** What a sentence hands to a command or query: " with $1 = ...". */
export function describeArgs(args: readonly string[]): string {
  return args.map((arg, index) => `${index === 0 ? ' with ' : ', '}$${index + 1} = ${oneLine(arg)}`).join('');
}
