import { FilterChoice, FilterForm } from "../parts/filter-form.js";
import { textIn } from "../parts/subject-or-key.js";
import { REASONS, STATES } from "./describe.js";

const read = (data: FormData) => ({
  state: textIn(data, "state"),
  reason: textIn(data, "reason"),
  moderator: textIn(data, "moderator"),
  key: textIn(data, "key").trim(),
});

/** Limits the queue. */
export function CaseFilter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  return (
    <FilterForm view="cases" all="The queue" query={query} read={read} reload={reload}>
      <FilterChoice
        label="State"
        name="state"
        none={query.has("key") ? "any" : "not resolved"}
        query={query}
        options={STATES}
      />
      <FilterChoice label="Reason" name="reason" none="any" query={query} options={REASONS} />
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
      <label class="wide">
        Key of a network, browser or person
        <input
          name="key"
          defaultValue={query.get("key") ?? ""}
          pattern="\s*[~^]?[A-Za-z0-9_\-]{22}\s*"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </FilterForm>
  );
}
