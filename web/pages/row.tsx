/** One line of the plan: sign, name, status in words and time; a click opens what is behind it. */
import type { Child } from 'hono/jsx';
import { type AnyStatus, glyph, statusLabel } from '../../strategy/run/labels.js';
import { Sign, Timed } from './parts.js';

export interface RowModel {
  readonly status: AnyStatus;
  readonly name: string;
  /** The id of the file; null where it has none. */
  readonly id: string | null;
  /** What it waits for or what went wrong; empty when there is nothing to say. */
  readonly reason: string;
  /** Beside the status: how long it took, or how much of it is done. */
  readonly side?: string;
  readonly marks?: readonly string[];
}

export function Row({ status, name, id, reason, side = '', marks = [] }: RowModel) {
  return (
    <span class="row">
      <Sign status={status} />
      <span class="what">
        <span class="name">{name}</span> {id !== null && <code>{id}</code>}
        {marks.map((mark) => (
          <span class="mark">{mark}</span>
        ))}
      </span>
      <span class="side">
        <span class={glyph(status).tone}>{statusLabel(status)}</span>
        {side !== '' && <span class="dim"> {side}</span>}
      </span>
      {reason !== '' && (
        <span class="reason">
          <Timed text={reason} />
        </span>
      )}
    </span>
  );
}

/** A row that opens. */
export function Fold({
  row,
  open,
  children,
}: {
  readonly row: RowModel;
  readonly open: boolean;
  readonly children?: Child;
}) {
  return (
    <details open={open}>
      <summary>
        <Row {...row} />
      </summary>
      <div class="inside">{children}</div>
    </details>
  );
}
