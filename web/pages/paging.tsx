/** A list in pages: which rows are shown, and the way to those before and after. */

export interface PagingModel {
  /** What is listed, for a screen reader. */
  readonly label: string;
  /** The first row shown, from 0. */
  readonly from: number;
  readonly shown: number;
  /** Rows in all; null where only the next page tells whether there are more. */
  readonly total: number | null;
  /** Rows of one page. */
  readonly size: number;
  readonly more: boolean;
  /** The address of the page that begins with this row. */
  readonly link: (from: number) => string;
}

/** Nothing where one page holds everything. */
export function Paging({ label, from, shown, total, size, more, link }: PagingModel) {
  if (from === 0 && !more) return null;
  return (
    <nav aria-label={label} class="pages">
      {from > 0 && <a href={link(Math.max(0, from - size))}>Earlier</a>}
      <span>
        {from + Math.min(1, shown)} to {from + shown}
        {total !== null && ` of ${total}`}
      </span>
      {more && <a href={link(from + size)}>Later</a>}
    </nav>
  );
}
