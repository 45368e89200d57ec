import type { ComponentChildren } from "preact";
import type { Pages } from "./use-pages.js";

interface ListProps<Row> {
  /** What the rows are, such as `sessions`. */
  name: string;
  columns: readonly string[];
  pages: Pages<Row>;
  children: (row: Row) => ComponentChildren;
  /** Whether a further column has the buttons. */
  hasActions?: boolean;
}

/** A page of rows, with what to say about it and how to get to others. */
export function List<Row>({ name, columns, pages, children, hasActions = true }: ListProps<Row>) {
  const { rows, problem, isLoading } = pages;
  return (
    <section class="panel list" aria-busy={isLoading}>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <Bar pages={pages} />
      {rows && rows.length > 0 && (
        <table>
          <caption class="unseen">{name}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
              {hasActions && (
                <th scope="col">
                  <span class="unseen">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>{rows.map(children)}</tbody>
        </table>
      )}
      {rows?.length === 0 && <p class="none">{nothing(name, pages)}</p>}
    </section>
  );
}

function nothing<Row>(name: string, { isFirst, hasOlder }: Pages<Row>): string {
  if (!isFirst) return hasOlder ? `No such ${name} on this page.` : `No older ${name}.`;
  return hasOlder ? `No such ${name} among the latest.` : `No ${name}.`;
}

function Bar<Row>({ pages }: { pages: Pages<Row> }) {
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
            <Turn name="Newest" isPossible={!isFirst} go={toNewest} />
            <Turn name="Newer" isPossible={!isFirst} go={toNewer} />
            <Turn name="Older" isPossible={hasOlder} go={toOlder} />
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
