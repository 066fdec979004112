/** What people are told about how a program ended. */

export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Why a program counts as failed, and what to do next. */
export function causeOfExit(name: string, { exitCode, signal }: Ending): string {
  const what = quoted(name);
  if (signal === 'SIGKILL') {
    return `${what} was killed (SIGKILL), by a person, or by the system because it was out of memory. Find the cause, then retry.`;
  }
  if (signal !== null) return `${what} was killed by ${signal}. Find the cause, then retry.`;
  if (exitCode === 127) {
    return `${what} exited with 127: a program was not found on the PATH of the command. Install it on the host of the worker, or give "environment: { PATH: ... }" in the bindings.`;
  }
  if (exitCode === 126) {
    return `${what} exited with 126: a program was found but is not executable. Run chmod +x on it, and check that its "#!" line names an existing interpreter.`;
  }
  return `${what} exited with ${exitCode}. See its output.`;
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
