/** What people are told about an SQL effect that did not succeed. */
import pg from 'pg';
import type { Target } from './target.js';

/** Another transaction is in the way; nothing was done, and trying again later may succeed. */
export function isBusy(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ['55P03', '40001', '40P01'].includes(error.code ?? '');
}

/** The server ended the query because of its time limit, or because it was told to. */
export function isCancelled(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

/** What the server said, in one paragraph. May hold secrets: to be redacted. */
export function serverMessage(error: pg.DatabaseError): string {
  const parts = [`${error.message} (${error.code ?? 'no code'})`, error.detail, error.hint, error.where];
  return parts.filter((part) => part !== undefined && part !== '').join('. ');
}

/** `inJournal`: the error came from the journal, not from the step's own statements. */
export function causeOf(error: pg.DatabaseError, target: Target, inJournal: boolean): string {
  const message = serverMessage(error);
  switch (error.code) {
    case '25006':
      return `The database ${target.name} is a read replica or read-only: ${message}. Point the connection at the primary, and retry.`;
    case '28000':
    case '28P01':
      return `The database ${target.name} refuses the credentials: ${message}. Correct the connection's user or password, and retry.`;
    case '3D000':
      return `The database ${target.name} does not exist: ${message}. Correct the connection or create the database, and retry.`;
    case '53100':
      return `The disk of the database ${target.name} is full: ${message}. Everything was rolled back. Free some space there, and retry.`;
    case '42501':
      if (!inJournal) break;
      return `The database ${target.name} does not let this user write sluice's journal: ${message}. Grant CREATE on the database once, or let its owner create the table sluice.journal (docs: SQL) and grant SELECT, INSERT, UPDATE and DELETE on it and USAGE on the schema sluice.`;
    default:
  }
  return inJournal
    ? `The journal in the database ${target.name} cannot be used: ${message}.`
    : `The database ${target.name} refused a statement: ${message}.`;
}
