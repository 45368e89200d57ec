import type { Client } from "@connectrpc/connect";
import type { AuditRecord } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { textIn } from "../parts/subject-or-key.js";
import { collect, FILTERED_PAGE_SIZE, usePages } from "../parts/use-pages.js";
import { legible } from "../parts/visible.js";
import { goTo, hrefTo } from "../route.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  query: URLSearchParams;
}

const FIELDS = [
  { name: "act", title: "Act" },
  { name: "moderator", title: "Moderator" },
  { name: "case", title: "Case" },
] as const;

/** What moderators and the server did. Nobody can change it. */
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
        <p class="soft">the newest first; nobody can change an entry</p>
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

function Filter({ query, reload }: { query: URLSearchParams; reload: () => void }) {
  return (
    <form
      class="panel fields"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        goTo(hrefTo("audit", Object.fromEntries(FIELDS.map(({ name }) => [name, textIn(data, name).trim()]))), reload);
      }}
    >
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
      <div class="buttons">
        <button type="submit" class="main">
          Show
        </button>
        {query.size > 0 && <a href={hrefTo("audit")}>The whole log</a>}
      </div>
    </form>
  );
}

/** An act, such as `case_resolved`, in words. */
const wordsOf = (act: string) => legible(act.replaceAll("_", " "));

function Row({ entry: { entryId, act, moderator, caseId, detail, createTime } }: { entry: AuditRecord }) {
  return (
    <tr data-entry={entryId}>
      <th scope="row">{wordsOf(act)}</th>
      <td class="text" data-label="By">
        {moderator === "" ? <span class="soft">the server</span> : <bdi>{legible(moderator)}</bdi>}
      </td>
      <td data-label="Case">{/^[1-9]\d*$/.test(caseId) ? <a href={hrefTo("cases", {}, caseId)}>{caseId}</a> : "–"}</td>
      <td class="text" data-label="Detail">
        {detail === "" ? "–" : <bdi>{legible(detail)}</bdi>}
      </td>
      <td data-label="Time">
        <Moment at={createTime} />
      </td>
    </tr>
  );
}
