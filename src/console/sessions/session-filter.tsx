import { SessionRecord_State as State } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { readSubjectOrKey, SubjectOrKeyFields, textIn } from "../parts/subject-or-key.js";
import { goTo, hrefTo } from "../route.js";

/** The states of a session, by their names in the address of the page. */
export const STATES = [
  { name: "idle", state: State.IDLE, title: "Idle" },
  { name: "waiting", state: State.WAITING, title: "Waiting" },
  { name: "matched", state: State.MATCHED, title: "In a match" },
] as const;

/** Limits the list. The filter is in the address of the page, so that it can be kept and passed on. */
export function SessionFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  const initial = { subject: query.get("subject") ?? "", addressKey: query.get("key") ?? "" };
  return (
    <form
      class="panel fields"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const { subject, addressKey: key } = readSubjectOrKey(data);
        goTo(hrefTo("sessions", { subject, key, state: textIn(data, "state") }), reload);
      }}
    >
      <SubjectOrKeyFields initial={initial} keyOf="network or person" />
      <label>
        State
        <select name="state">
          <option value="">any</option>
          {STATES.map(({ name, title }) => (
            <option key={name} value={name} selected={name === query.get("state")}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <div class="buttons">
        <button type="submit" class="main">
          Show
        </button>
        {query.size > 0 && <a href={hrefTo("sessions")}>All sessions</a>}
      </div>
    </form>
  );
}
