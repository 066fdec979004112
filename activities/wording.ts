/** What people are told about how a program ended. */

export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Why a program counts as failed, and what to do next. */
export function causeOfExit(name: string, { exitCode, signal }: Ending): string {
  const what = quoted(name);
  if (signal === 'SIGKILL') {
    return `${what} was killed (SIGKILL), by a person or by the system for want of memory. Find out by whom, then retry.`;
  }
  if (signal !== null) return `${what} was ended by ${signal}. Find out by whom, then retry.`;
  if (exitCode === 127) {
    return `${what} exited with 127: a program in it was not found on the PATH of the command. Install it on the host of the worker, or give "environment: { PATH: ... }" in the bindings.`;
  }
  if (exitCode === 126) {
    return `${what} exited with 126: a program in it was found and may not be executed. Give it its run bit (chmod +x), and a "#!" line that names an interpreter that exists.`;
  }
  return `${what} exited with ${exitCode}. Its output says why.`;
}

/** A time span for people: "250 ms", "90 s", "5 min". */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 6_000) / 10} min`;
  return `${Math.round(ms / 360_000) / 10} h`;
}

function quoted(name: string): string {
  const first = name.trim().split('\n')[0] ?? '';
  return `"${first.length > 80 ? `${first.slice(0, 79)}…` : first}"`;
}
