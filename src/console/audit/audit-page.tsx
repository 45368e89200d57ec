import type { Client } from "@connectrpc/connect";
import type { AuditRecord } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { FilterForm } from "../parts/filter-form.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { textIn } from "../parts/subject-or-key.js";
import { collect, FILTERED_PAGE_SIZE, usePages } from "../parts/use-pages.js";
import { legible } from "../parts/visible.js";
import { hrefTo } from "../route.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  query: URLSearchParams;
}

const FIELDS = [
  { name: "act", title: "Act" },
  { name: "moderator", title: "Moderator" },
  { name: "case", title: "Case" },
] as const;

/** What moderators and the server did. */
export function AuditPage({ moderation, query }: Props) {
  const pages = usePages<AuditRecord>((firstToken, signal) =>
    collect(async (pageToken) => {
      const page = await moderation.listAudit({ pageSize: FILTERED_PAGE_SIZE, pageToken }, { signal });
      return { rows: page.entries.filter((entry) => isWanted(entry, query)), nextPageToken: page.nextPageToken };
    }, firstToken),
  );
  return (
    <>
      <div class="heading">
        <h1>Audit</h1>
        <p class="soft">the newest first; no call changes an entry</p>
      </div>
      <Filter query={query} reload={pages.reload} />
      <p class="notice" />
      <List name="entries" columns={["Act", "By", "Case", "Detail", "Time"]} pages={pages} hasActions={false}>
        {(entry) => <Row key={entry.entryId} entry={entry} />}
      </List>
    </>
  );
}

function isWanted({ act, moderator, caseId }: AuditRecord, query: URLSearchParams): boolean {
  const matches = (name: string, value: string) => (query.get(name) ?? value) === value;
  return matches("act", act) && matches("moderator", moderator) && matches("case", caseId);
}

const read = (data: FormData) => Object.fromEntries(FIELDS.map(({ name }) => [name, textIn(data, name).trim()]));

function Filter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  return (
    <FilterForm view="audit" all="The whole log" query={query} read={read} reload={reload}>
      {FIELDS.map(({ name, title }) => (
        <label key={name} class="wide">
          {title}
          <input
            name={name}
            defaultValue={query.get(name) ?? ""}
            maxLength={64}
            autocomplete="off"
            spellcheck={false}
          />
        </label>
      ))}
    </FilterForm>
  );
}

/** An act or an outcome, such as `case_resolved`, in words. */
const wordsOf = (act: string) => legible(act.replaceAll("_", " "));

/** A detail that ends with the key of a network, a browser or a person, such as `text_only ~…`. */
const WITH_KEY = /^(?:([a-z_]+) )?([~^]?[\w-]{22})$/;

/** An entry has a detail, the ID of a report, or neither. An action is named by its kind and whom it is about. */
function Detail({ entry: { detail, reportId } }: { entry: AuditRecord }) {
  if (detail === "") return <>{reportId === "" ? "–" : `report ${reportId}`}</>;
  const [, kind = "", key] = WITH_KEY.exec(detail) ?? [];
  if (key === undefined) return <bdi>{wordsOf(detail)}</bdi>;
  return (
    <>
      {wordsOf(kind)}
      <code>{key}</code>
    </>
  );
}

function Row({ entry }: { entry: AuditRecord }) {
  const { entryId, act, moderator, caseId, createTime } = entry;
  return (
    <tr data-entry={entryId}>
      <th scope="row">{wordsOf(act)}</th>
      <td class="text" data-label="By">
        {moderator === "" ? <span class="soft">the server</span> : <bdi>{legible(moderator)}</bdi>}
      </td>
      <td data-label="Case">{/^[1-9]\d*$/.test(caseId) ? <a href={hrefTo("cases", {}, caseId)}>{caseId}</a> : "–"}</td>
      <td class="text" data-label="Detail">
        <Detail entry={entry} />
      </td>
      <td data-label="Time">
        <Moment at={createTime} />
      </td>
    </tr>
  );
}
