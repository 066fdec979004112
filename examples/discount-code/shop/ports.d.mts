/** A free port for each name. */
export function freePorts(names: readonly string[]): Promise<Record<string, number>>;
