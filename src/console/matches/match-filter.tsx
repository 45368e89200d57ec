import { textIn } from "../parts/subject-or-key.js";
import { goTo, hrefTo } from "../route.js";

/** The largest minimum duration, in minutes. */
const MAX_MINUTES = 100_000;

/** The minimum duration of matches, in minutes. Values out of range are ignored, because anyone can edit the address. */
export function minutesIn(query: URLSearchParams): number {
  const minutes = Number(query.get("minutes"));
  return minutes > 0 && minutes <= MAX_MINUTES ? minutes : 0;
}

const CALLS = [
  { name: "answered", title: "answered" },
  { name: "unanswered", title: "not answered" },
];

/** Limits the list. The filter is in the address of the page, so that it can be kept and passed on. */
export function MatchFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  return (
    <form
      class="panel fields"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        goTo(hrefTo("matches", { minutes: textIn(data, "minutes"), call: textIn(data, "call") }), reload);
      }}
    >
      <label>
        Minutes at least
        <input name="minutes" type="number" min={0} max={MAX_MINUTES} defaultValue={minutesIn(query) || ""} />
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
