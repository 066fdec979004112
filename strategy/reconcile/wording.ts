/** What people are told about comparisons of two sides. */
import type { ReconcileMethod } from '../plan.js';

export function describeMethod(method: ReconcileMethod): string {
  switch (method.kind) {
    case 'count':
      return 'numbers of rows';
    case 'rows':
      return 'every row, by checksums';
    case 'changed':
      return `rows changed by ${method.column} since they were compared last`;
    case 'sample':
      return `a sample of ${countText(method.rows)} rows (confidence ${percentText(method.confidence)})`;
    case 'rules':
      return 'business rules';
    default:
      return method satisfies never;
  }
}

/** A share from 0 to 1, with as many digits as it takes. */
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`;
}

/** A share that is no more than measured: 0.99999 does not read as 100 %. */
export function shareText(equal: number, compared: number): string {
  if (compared === 0) return '0 %';
  if (equal === compared) return '100 %';
  return `${(Math.floor((equal / compared) * 1_000_000) / 10_000).toFixed(4)} %`;
}

export function countText(rows: number): string {
  return rows.toLocaleString('en-US');
}
