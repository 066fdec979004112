/**
 * A store that speaks as much of the protocol of Amazon S3 as `PUT` of an object needs, and accepts only what is signed
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html): the signature is computed anew here,
 * with nothing but node:crypto.
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Store {
  readonly endpoint: string;
  /** By bucket and key. */
  readonly objects: ReadonlyMap<string, string>;
  /** How often it was asked. */
  readonly requests: () => number;
  /** Answers so many requests with 503 first. */
  failNext(count: number): void;
  close(): Promise<void>;
}

export const ACCESS = { id: 'AKTEST', secret: 'only/for+tests' };

export async function openStore(bucket: string): Promise<Store> {
  const objects = new Map<string, string>();
  let failures = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests += 1;
      const refuse = (status: number, code: string) =>
        response
          .writeHead(status, { 'content-type': 'application/xml' })
          .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} it is</Message></Error>`);
      const path = decodeURIComponent(new URL(request.url ?? '', 'http://store').pathname);
      if (failures > 0) {
        failures -= 1;
        return refuse(503, 'SlowDown');
      }
      if (!isSigned(request, body)) return refuse(403, 'SignatureDoesNotMatch');
      if (!path.startsWith(`/${bucket}/`)) return refuse(404, 'NoSuchBucket');
      objects.set(path.slice(1), body);
      return response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
    });
  });
  return {
    endpoint: `http://127.0.0.1:${await listen(server)}`,
    objects,
    requests: () => requests,
    failNext(count) {
      failures = count;
    },
    close: () => new Promise((done) => server.close(() => done()).closeAllConnections()),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      done(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

function isSigned({ method = '', url = '', headers }: IncomingMessage, body: string): boolean {
  const [, id, date = '', region = '', names = '', signature] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const header = (name: string) => String(headers[name] ?? '').trim();
  const payload = hash(body);
  if (id !== ACCESS.id || header('x-amz-content-sha256') !== payload) return false;
  const { pathname, searchParams } = new URL(url, 'http://store');
  searchParams.sort();
  const signed = names.split(';').map((name) => `${name}:${header(name)}\n`);
  const canonical = [method, pathname, searchParams.toString(), signed.join(''), names, payload].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', header('x-amz-date'), scope, hash(canonical)].join('\n');
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${ACCESS.secret}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex') === signature;
}

function hash(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
