/** What a job needs of the bindings: it is sent no more than that. */

export interface Needs {
  readonly connections: readonly string[];
  readonly metrics: readonly string[];
  /** True for what runs a process, which sees all variables of the bindings. */
  readonly environment: boolean;
}

export const NEEDS_NOTHING: Needs = { connections: [], metrics: [], environment: false };

export function mergeNeeds(all: readonly Needs[]): Needs {
  return {
    connections: [...new Set(all.flatMap(({ connections }) => connections))],
    metrics: [...new Set(all.flatMap(({ metrics }) => metrics))],
    environment: all.some(({ environment }) => environment),
  };
}
