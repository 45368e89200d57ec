import { textIn } from "../parts/subject-or-key.js";
import { goTo, hrefTo } from "../route.js";
import { REASONS, STATES } from "./describe.js";

/** Limits the queue. The filter is in the address of the page, so that it can be kept and passed on. */
export function CaseFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  return (
    <form
      class="panel fields"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const [state, reason, moderator] = [textIn(data, "state"), textIn(data, "reason"), textIn(data, "moderator")];
        goTo(hrefTo("cases", { state, reason, moderator }), reload);
      }}
    >
      <label>
        State
        <select name="state">
          <option value="">not resolved</option>
          {STATES.map(({ name, title }) => (
            <option key={name} value={name} selected={name === query.get("state")}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        Reason
        <select name="reason">
          <option value="">any</option>
          {REASONS.map(({ name, title }) => (
            <option key={name} value={name} selected={name === query.get("reason")}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label class="wide">
        Moderator
        <input
          name="moderator"
          defaultValue={query.get("moderator") ?? ""}
          pattern="[A-Za-z0-9._@\-]*"
          maxLength={64}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <div class="buttons">
        <button type="submit" class="main">
          Show
        </button>
        {query.size > 0 && <a href={hrefTo("cases")}>The queue</a>}
      </div>
    </form>
  );
}
