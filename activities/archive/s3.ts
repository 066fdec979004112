/** An archive in a bucket of Amazon S3, or of any store that speaks its protocol. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { ArchiveTarget } from '../../strategy/plan.js';
import type { Archive } from './port.js';

type S3Target = Extract<ArchiveTarget, { kind: 's3' }>;

/** Milliseconds to connect, and for the store to answer. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;

/** The region that a store which is not Amazon's is signed for when nothing names one. */
const ANY_REGION = 'us-east-1';

/** `target` with every reference replaced. Its SDK is loaded here: most runs have no such archive. */
export async function openS3(target: S3Target): Promise<Archive> {
  // The SDK prints a line about Node's age on every start; which Node is used is decided elsewhere.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { PutObjectCommand, S3Client: Client } = await import('@aws-sdk/client-s3');
  const { bucket, prefix, endpoint, credentials } = target;
  const region = target.region ?? (endpoint === null ? null : ANY_REGION);
  const place = `s3://${bucket}/${prefix}`;
  return {
    async put(name, content) {
      const client: S3Client = new Client({
        // Stores beside Amazon's rarely have a host name per bucket.
        ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
        ...(region === null ? {} : { region }),
        ...(credentials === null ? {} : { credentials }),
        // The engine repeats the activity.
        maxAttempts: 1,
        requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
      });
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: `${prefix}${name}`,
            Body: content,
            ContentType: name.endsWith('.jsonl') ? 'application/x-ndjson' : 'application/json',
          }),
        );
      } catch (error) {
        throw new Error(
          `${place}${name} cannot be written: ${whyNot(error)}. Check the bucket, the endpoint, and the credentials of the worker.`,
          { cause: error },
        );
      } finally {
        client.destroy();
      }
    },
  };
}

/** What the store answered, or why it could not be asked. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const text = error.message.trim().replace(/\.$/, '');
  return text === '' || text === code ? code : `${code}, ${text}`;
}
