import { textIn } from "../parts/subject-or-key.js";
import { hrefTo } from "../route.js";

const CALLS = [
  { name: "answered", title: "answered" },
  { name: "unanswered", title: "not answered" },
];

/** Limits the list. The filter is in the address of the page, so that it can be kept and passed on. */
export function MatchFilter({ query }: { query: URLSearchParams }) {
  return (
    <form
      class="panel fields"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        location.hash = hrefTo("matches", { minutes: textIn(data, "minutes"), call: textIn(data, "call") });
      }}
    >
      <label>
        Minutes at least
        <input name="minutes" type="number" min={0} max={100_000} defaultValue={query.get("minutes") ?? ""} />
      </label>
      <label>
        Call
        <select name="call">
          <option value="">any</option>
          {CALLS.map(({ name, title }) => (
            <option key={name} value={name} selected={name === query.get("call")}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <div class="buttons">
        <button type="submit" class="main">
          Show
        </button>
        {query.size > 0 && <a href={hrefTo("matches")}>All matches</a>}
      </div>
    </form>
  );
}
