/** Makes a workspace for a strategy that uses the names of the specification's own example; answers with its path there. */
export function prepareSpecWorkspace(folder: string, strategyFile: string): string;
