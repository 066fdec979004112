import type { ArchiveTarget } from '../plan.js';

/** Where an archive is, for people. */
export function placeOf(target: ArchiveTarget): string {
  switch (target.kind) {
    case 'folder':
      return target.folder;
    case 's3':
      return `s3://${target.bucket}/${target.prefix}`;
    default:
      return target satisfies never;
  }
}
