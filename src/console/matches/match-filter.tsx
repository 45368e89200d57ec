import { FilterChoice, FilterForm } from "../parts/filter-form.js";
import { textIn } from "../parts/subject-or-key.js";

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

const read = (data: FormData) => ({ minutes: textIn(data, "minutes"), call: textIn(data, "call") });

/** Limits the list of matches. */
export function MatchFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  return (
    <FilterForm view="matches" all="All matches" query={query} read={read} reload={reload}>
      <label>
        Minutes at least
        <input name="minutes" type="number" min={0} max={MAX_MINUTES} defaultValue={minutesIn(query) || ""} />
      </label>
      <FilterChoice label="Call" name="call" none="any" query={query} options={CALLS} />
    </FilterForm>
  );
}
