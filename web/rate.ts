/** Limits how often one person, or one address, may act: a token bucket (https://en.wikipedia.org/wiki/Token_bucket) each. */
import type { MiddlewareHandler } from 'hono';
import type { Env, Request } from './context.js';

/** So many at once, and so many a second in the long run. */
const BURST = 20;
const PER_SECOND = 2;
/** Beyond this many, the ones that were used longest ago are forgotten. */
const MOST_BUCKETS = 10_000;

interface Bucket {
  readonly tokens: number;
  /** Milliseconds of a clock that only grows. */
  readonly at: number;
}

/** Refuses what comes too often: forms, and attempts to log in. The rest is only read. */
export function limitRate(isLimited: (context: Request) => boolean): MiddlewareHandler<Env> {
  const buckets = new Map<string, Bucket>();
  return async (context, next) => {
    if (isLimited(context) && !take(buckets, whoAsks(context), performance.now())) {
      context.header('Retry-After', '1');
      return context.text('Too many requests. Wait a second and try again.', 429);
    }
    return next();
  };
}

/** The session; without a valid one the address, so that a made-up cookie gains nothing. */
function whoAsks(context: Request): string {
  const { session } = context.var;
  return session?.id ?? context.env?.incoming?.socket.remoteAddress ?? 'nobody';
}

function take(buckets: Map<string, Bucket>, key: string, now: number): boolean {
  const { tokens, at } = buckets.get(key) ?? { tokens: BURST, at: now };
  const filled = Math.min(BURST, tokens + ((now - at) / 1000) * PER_SECOND);
  // Set anew, so that the order of the map is that of the latest use.
  buckets.delete(key);
  buckets.set(key, { tokens: Math.max(0, filled - 1), at: now });
  const [oldest] = buckets.keys();
  if (buckets.size > MOST_BUCKETS && oldest !== undefined) buckets.delete(oldest);
  return filled >= 1;
}
