/** What `SLUICE_HOME/engine.json` says about the running embedded engine; its path is `engineFile` of layout. */
export interface EngineRecord {
  /** `host:port` of the gRPC front end. */
  readonly address: string;
  readonly pid: number;
  /** When that process and its machine started, as the system tells: guards against a pid that was given away again. */
  readonly start: string;
  readonly boot: string;
  /** The URL of Temporal's own web page; null when it has none. */
  readonly webUi: string | null;
  /** The link that lets its reader into sluice's dashboard; null while none is hosted. */
  readonly dashboard: string | null;
}

/** The record in this text, or null when the text is not one: then no engine is known. */
export function parseEngineRecord(text: string): EngineRecord | null {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return null;
  const { address, pid, start, boot, webUi, dashboard } = value as Record<string, unknown>;
  if (typeof address !== 'string' || typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0)
    return null;
  return {
    address,
    pid,
    start: typeof start === 'string' ? start : '',
    boot: typeof boot === 'string' ? boot : '',
    webUi: typeof webUi === 'string' ? webUi : null,
    dashboard: typeof dashboard === 'string' ? dashboard : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
