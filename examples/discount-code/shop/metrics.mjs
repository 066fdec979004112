/** Counters in the Prometheus text format, version 0.0.4: the little of it that the shop needs. */

export function createCounters() {
  const values = new Map();
  return {
    /** Adds to a counter; labels make it a series of its own. */
    add(name, labels = {}, by = 1) {
      const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
      const series = pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
      values.set(series, (values.get(series) ?? 0) + by);
    },
    text() {
      const lines = [];
      let previous = '';
      for (const [series, value] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const name = series.split('{')[0];
        if (name !== previous) lines.push(`# TYPE ${name} counter`);
        previous = name;
        lines.push(`${series} ${value}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

/** The sum over all series of each counter in such a text. */
export function sumsOf(text) {
  const sums = new Map();
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z_:][\w:]*)(?:\{[^}]*\})? (\S+)$/.exec(line);
    if (match) sums.set(match[1], (sums.get(match[1]) ?? 0) + Number(match[2]));
  }
  return sums;
}
