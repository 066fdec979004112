/** `archive` of the bindings: where the record is kept besides the host that wrote it. */
import type { ArchiveBinding, S3Binding } from '../bindings-document.js';
import type { ArchiveTarget, PlannedBindings } from '../plan.js';
import { below } from '../pointer.js';
import type { Reporter } from './reporter.js';
import { checkReferences } from './secrets.js';

/** What the plan carries of it: nothing where the record stays on the host. */
export function compileArchive(
  archive: ArchiveBinding | null,
  reporter: Reporter,
): Pick<PlannedBindings, 'archive'> {
  if (archive === null) return {};
  if ('folder' in archive) {
    const finding = checkReferences(archive.folder);
    if (finding !== null) reporter.report('/archive/folder', finding);
    return { archive: { kind: 'folder', folder: archive.folder } };
  }
  return { archive: compileS3(archive.s3, reporter) };
}

function compileS3(s3: S3Binding, reporter: Reporter): ArchiveTarget {
  for (const [key, value] of Object.entries(s3)) {
    const finding = typeof value === 'string' ? checkReferences(value) : null;
    if (finding !== null) reporter.report(below('/archive/s3', key), finding);
  }
  reportEndpoint(s3.endpoint ?? null, reporter);
  const { access_key_id: accessKeyId = null, secret_access_key: secretAccessKey = null } = s3;
  if ((accessKeyId === null) !== (secretAccessKey === null)) {
    reporter.report('/archive/s3', {
      code: 'half-a-key',
      message: 'access_key_id and secret_access_key belong together, and only one of them is there',
      advice: 'Give both, or neither: then the worker finds credentials as the AWS SDK does.',
    });
  }
  if (secretAccessKey !== null && !/^\$\{[^}]*\}$/.test(secretAccessKey)) {
    reporter.report('/archive/s3/secret_access_key', {
      code: 'literal-secret',
      message: 'a key may not stand in the bindings: the file is stored with the strategy and in plans',
      advice: 'Put it into an environment variable or a file, and write ${env:NAME} or ${file:path}.',
    });
  }
  return {
    kind: 's3',
    bucket: s3.bucket,
    prefix: s3.prefix ?? '',
    region: s3.region ?? null,
    endpoint: s3.endpoint ?? null,
    credentials: accessKeyId === null || secretAccessKey === null ? null : { accessKeyId, secretAccessKey },
  };
}

function reportEndpoint(endpoint: string | null, reporter: Reporter): void {
  if (endpoint === null || endpoint.includes('${') || /^https?:\/\/[^/?#\s@]+\/?$/.test(endpoint)) return;
  reporter.report('/archive/s3/endpoint', {
    code: 'bad-endpoint',
    message: `"${endpoint}" is not the address of a store`,
    advice: 'Write it as http://host:port or https://host, without a path or credentials.',
  });
}
