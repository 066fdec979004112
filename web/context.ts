/** What requests carry through the dashboard, and how routes read them. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Session } from './session/sessions.js';

export interface Env {
  /** Absent in a request that did not come over a socket. */
  Bindings: Partial<HttpBindings>;
  /** Null before the log-in, which every other route requires. */
  Variables: { session: Session | null };
}

export type Request = Context<Env>;

/** Of a route behind the log-in. */
export function sessionOf(context: Request): Session {
  const { session } = context.var;
  if (session === null) throw new Error('A route was reached without a session.');
  return session;
}

/** A part of the path; ids are one segment each. */
export function idOf(context: Request, name: string): string {
  return context.req.param(name) ?? '';
}

/** A place in a list; 0 for what is not one. */
export function indexOf(text: string | undefined): number {
  const value = Number(text ?? '0');
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

type Field =
  | 'token'
  | 'by'
  | 'next'
  | 'option'
  | 'reason'
  | 'role'
  | 'for'
  | 'plan'
  | 'evidence'
  | 'to'
  | 'record'
  | 'signed'
  | 'step'
  | 'rate';

/** The fields of a form that are used here, as texts; what is missing is empty. */
export async function formOf(context: Request): Promise<Readonly<Record<Field, string>>> {
  const form = new URLSearchParams(await context.req.text());
  // Browsers send every end of a line as CRLF, and sign what was typed.
  const field = (name: Field): string => (form.get(name) ?? '').replaceAll('\r\n', '\n');
  return {
    token: field('token'),
    by: field('by'),
    next: field('next'),
    option: field('option'),
    reason: field('reason'),
    role: field('role'),
    for: field('for'),
    plan: field('plan'),
    evidence: field('evidence'),
    to: field('to'),
    record: field('record'),
    signed: field('signed'),
    step: field('step'),
    rate: field('rate'),
  };
}

/** Optional in a ballot or command: an empty field says nothing. */
export function unlessEmpty(text: string): string | undefined {
  return text.trim() === '' ? undefined : text;
}
