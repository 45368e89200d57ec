import { SessionRecord_State as State } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { FilterChoice, FilterForm } from "../parts/filter-form.js";
import { readSubjectOrKey, SubjectOrKeyFields, textIn } from "../parts/subject-or-key.js";

/** The states of a session, by their names in the address of the page. */
export const STATES = [
  { name: "idle", state: State.IDLE, title: "Idle" },
  { name: "waiting", state: State.WAITING, title: "Waiting" },
  { name: "matched", state: State.MATCHED, title: "In a match" },
] as const;

function read(data: FormData) {
  const { subject, addressKey: key } = readSubjectOrKey(data);
  return { subject, key, state: textIn(data, "state") };
}

/** Limits the list of sessions. */
export function SessionFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  const initial = { subject: query.get("subject") ?? "", addressKey: query.get("key") ?? "" };
  return (
    <FilterForm view="sessions" all="All sessions" query={query} read={read} reload={reload}>
      <SubjectOrKeyFields initial={initial} keyOf="network or person" />
      <FilterChoice label="State" name="state" none="any" query={query} options={STATES} />
    </FilterForm>
  );
}
