/** Decimal numbers as texts, compared exactly: money is not for floating point. */

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,4}))?$/i;

/** Two numbers at most so far apart; whatever else must be the same. NULL equals NULL only. */
export function withinTolerance(left: string | null, right: string | null, tolerance: string): boolean {
  if (left === right) return true;
  if (left === null || right === null) return false;
  const parts = [left, right, tolerance].map(read);
  const [a, b, most] = parts;
  if (a == null || b == null || most == null) return false;
  const places = Math.max(a.places, b.places, most.places);
  const distance = scaled(a, places) - scaled(b, places);
  return (distance < 0n ? -distance : distance) <= scaled(most, places);
}

interface Decimal {
  readonly digits: bigint;
  /** Digits behind the point. */
  readonly places: number;
}

function read(text: string): Decimal | null {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text.trim()) ?? [];
  if (sign === undefined) return null;
  const digits = BigInt(sign + whole + fraction);
  const places = fraction.length - Number(exponent);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

function scaled({ digits, places }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - places);
}
