import { FilterForm } from "../parts/filter-form.js";
import { readSubjectOrKey, SubjectOrKeyFields } from "../parts/subject-or-key.js";

function read(data: FormData) {
  const { subject, addressKey: key } = readSubjectOrKey(data);
  return { subject, key, now: data.has("now") ? "1" : "" };
}

/** Limits the list of actions. */
export function ActionFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  const initial = { subject: query.get("subject") ?? "", addressKey: query.get("key") ?? "" };
  return (
    <FilterForm view="actions" all="All actions" query={query} read={read} reload={reload}>
      <SubjectOrKeyFields initial={initial} keyOf="network, browser or person" />
      <label class="check">
        <input type="checkbox" name="now" defaultChecked={query.has("now")} /> in force
      </label>
    </FilterForm>
  );
}
