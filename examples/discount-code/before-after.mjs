/** Two snapshots of the shop side by side: what is the same, and what is not. */

/** @returns {string[]} lines; a part that changed is marked and shown as it was and as it is */
export function beforeAfter(before, after) {
  return Object.keys(before).flatMap((part) => {
    const was = [before[part]].flat();
    const is = [after[part]].flat();
    const gone = was.filter((line) => !is.includes(line)).map((line) => `- ${line}`);
    const come = is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`);
    const same = was.filter((line) => is.includes(line)).map((line) => `  ${line}`);
    const changed = gone.length + come.length > 0;
    return [
      `${changed ? '*' : '='} ${part}${changed ? '' : ' (the same)'}`,
      ...[...same, ...gone, ...come].map((line) => `    ${line}`),
    ];
  });
}

export function isSame(before, after) {
  return JSON.stringify(before) === JSON.stringify(after);
}
