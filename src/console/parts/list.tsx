import type { ComponentChildren } from "preact";
import { TableHead } from "./table-head.js";
import type { Pages } from "./use-pages.js";

interface ListProps<Row> {
  /** What the rows are, such as `sessions`. */
  name: string;
  columns: readonly string[];
  pages: Pages<Row>;
  children: (row: Row) => ComponentChildren;
  /** Whether a further column has the buttons. */
  hasActions?: boolean;
  /** Whether the oldest rows are on the first page. */
  isOldestFirst?: boolean;
}

/** A page of rows, with what to say about it and how to get to others. */
export function List<Row>({
  name,
  columns,
  pages,
  children,
  hasActions = true,
  isOldestFirst = false,
}: ListProps<Row>) {
  const turns = isOldestFirst ? OLDEST_FIRST : NEWEST_FIRST;
  const { rows, problem, isLoading } = pages;
  return (
    <section class="panel list" aria-busy={isLoading}>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <Bar pages={pages} turns={turns} />
      {rows && rows.length > 0 && (
        <table>
          <caption class="unseen">{name}</caption>
          <TableHead columns={columns} hasActions={hasActions} />
          <tbody>{rows.map(children)}</tbody>
        </table>
      )}
      {rows?.length === 0 && <p class="none">{nothing(name, pages, turns)}</p>}
    </section>
  );
}

/** The words for the first page, the one before and the one after, and for what they have. */
const NEWEST_FIRST = { first: "Newest", before: "Newer", after: "Older", firstRows: "the latest" };
const OLDEST_FIRST = { first: "Oldest", before: "Older", after: "Newer", firstRows: "the oldest" };

function nothing<Row>(name: string, { isFirst, hasOlder }: Pages<Row>, turns: typeof NEWEST_FIRST): string {
  if (!isFirst) return hasOlder ? `No such ${name} on this page.` : `No ${turns.after.toLowerCase()} ${name}.`;
  return hasOlder ? `No such ${name} among ${turns.firstRows}.` : `No ${name}.`;
}

function Bar<Row>({ pages, turns }: { pages: Pages<Row>; turns: typeof NEWEST_FIRST }) {
  const { rows, isLoading, loaded, isFirst, hasOlder, toNewest, toNewer, toOlder, reload } = pages;
  return (
    <div class="bar-of-list">
      <p class="soft" role="status">
        {rows && loaded
          ? `${String(rows.length)} on this page, loaded at ${loaded.toLocaleTimeString()}`
          : isLoading && "Loading…"}
      </p>
      <div class="buttons" role="group" aria-label="Pages">
        {!(isFirst && !hasOlder) && (
          <>
            <Turn name={turns.first} isPossible={!isFirst} go={toNewest} />
            <Turn name={turns.before} isPossible={!isFirst} go={toNewer} />
            <Turn name={turns.after} isPossible={hasOlder} go={toOlder} />
          </>
        )}
        <button type="button" onClick={reload}>
          Refresh
        </button>
      </div>
    </div>
  );
}

/** A button that keeps the focus at the first and at the last page, where it does nothing. */
function Turn({ name, isPossible, go }: { name: string; isPossible: boolean; go: () => void }) {
  return (
    <button type="button" aria-disabled={!isPossible} onClick={() => isPossible && go()}>
      {name}
    </button>
  );
}
