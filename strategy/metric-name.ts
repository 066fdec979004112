/** "Error rate", "error_rate" and "errorRate" name the same metric: case, space, `_` and `-` do not count. */
export function normalizeMetricName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
