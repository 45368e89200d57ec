import { readSubjectOrKey, SubjectOrKeyFields } from "../parts/subject-or-key.js";
import { goTo, hrefTo } from "../route.js";

/** Limits the list of actions. */
export function ActionFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  const initial = { subject: query.get("subject") ?? "", addressKey: query.get("key") ?? "" };
  return (
    <form
      class="panel fields"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const { subject, addressKey: key } = readSubjectOrKey(data);
        goTo(hrefTo("actions", { subject, key, now: data.has("now") ? "1" : "" }), reload);
      }}
    >
      <SubjectOrKeyFields initial={initial} keyOf="network, browser or person" />
      <label class="check">
        <input type="checkbox" name="now" defaultChecked={query.has("now")} /> in force
      </label>
      <div class="buttons">
        <button type="submit" class="main">
          Show
        </button>
        {query.size > 0 && <a href={hrefTo("actions")}>All actions</a>}
      </div>
    </form>
  );
}
