/** A time span in words as short as `850ms`, `12s`, `3m 05s`, `2h 10m`, `4d 02h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** From one moment to another, both ISO 8601; `until` null means up to `now`. Empty before the start. */
export function elapsed(from: string | null, until: string | null, now: Date): string {
  if (from === null) return '';
  return duration((until === null ? now.getTime() : Date.parse(until)) - Date.parse(from));
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
