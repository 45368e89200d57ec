import type { Client } from "@connectrpc/connect";
import { useMemo, useState } from "preact/hooks";
import { type CaseRecord, CaseState as State } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import type { Clients } from "../clients.js";
import { useMay, useOperator } from "../operator/operator.js";
import { List } from "../parts/list.js";
import { type Shortcut, Shortcuts, step } from "../parts/shortcuts.js";
import { useAction } from "../parts/use-action.js";
import { collect, ENOUGH_ROWS, FILTERED_PAGE_SIZE, usePages } from "../parts/use-pages.js";
import { goTo, hrefTo } from "../route.js";
import { CaseFilter } from "./case-filter.js";
import { CaseRow } from "./case-row.js";
import { STATES } from "./describe.js";
import { useChanges } from "./use-changes.js";

/** The links to cases. */
const LINKS = "tbody th a";
const COLUMNS = ["About", "Reason", "Priority", "Reporters", "Last report", "State"];

/** The queue of cases, the most urgent first. */
export function CasesPage({ moderation, watching, query }: Pick<Clients, "moderation" | "watching"> & Props) {
  const [cursor, setCursor] = useState("");
  const pages = usePages<CaseRecord>(loaderOf(moderation, query, setCursor));
  const changes = useChanges(watching, cursor);
  const mayClaim = useMay(OperatorRole.MODERATOR);
  const { name } = useOperator();
  const { run, problem } = useAction(async (caseId: string) => {
    await moderation.claimCase({ caseId });
    location.hash = hrefTo("cases", {}, caseId);
  });
  const shown = new Set(pages.rows?.map(({ caseId }) => caseId));
  const others = [...changes.values()].filter((one) => !shown.has(one.caseId) && one.state !== State.RESOLVED).length;
  const shortcuts = useMemo(() => shortcutsFor(name, pages.reload), [name]);
  return (
    <>
      <div class="heading">
        <h1>Cases</h1>
        <p class="soft">the most urgent first</p>
        <Shortcuts shortcuts={shortcuts} />
      </div>
      <CaseFilter query={query} reload={pages.reload} />
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <p class="notice" role="status">
        {others > 0 &&
          `${String(others)} more ${others === 1 ? "case" : "cases"} since the list was loaded: refresh it.`}
      </p>
      <List name="cases" columns={COLUMNS} pages={pages}>
        {(row) => (
          <CaseRow
            key={row.caseId}
            record={changes.get(row.caseId) ?? row}
            onClaim={mayClaim && name !== "" ? () => run(row.caseId) : undefined}
          />
        )}
      </List>
    </>
  );
}

interface Props {
  query: URLSearchParams;
}

function shortcutsFor(name: string, reload: () => void): Shortcut[] {
  return [
    { key: "j", title: "Next case", act: () => step(1, LINKS) },
    { key: "k", title: "Previous case", act: () => step(-1, LINKS) },
    { key: "m", title: "My cases", act: () => goTo(hrefTo("cases", { state: "in_review", moderator: name }), reload) },
    { key: "l", title: "Load the list again", act: reload },
  ];
}

function loaderOf(
  moderation: Client<typeof ModerationService>,
  query: URLSearchParams,
  onCursor: (cursor: string) => void,
) {
  const state = STATES.find(({ name }) => name === query.get("state"))?.state ?? State.UNSPECIFIED;
  const [reason, moderator] = [query.get("reason") ?? "", query.get("moderator") ?? ""];
  const reportedKey = query.get("key") ?? "";
  const pageSize = query.size > 0 ? FILTERED_PAGE_SIZE : ENOUGH_ROWS;
  const filter = { state, reason, moderator, reportedKey, pageSize };
  return async (firstToken: string, signal: AbortSignal) => {
    let cursor = "";
    const page = await collect(async (pageToken) => {
      const list = await moderation.listCases({ ...filter, pageToken }, { signal });
      cursor ||= list.watchCursor;
      return { rows: list.cases, nextPageToken: list.nextPageToken };
    }, firstToken);
    if (!signal.aborted) onCursor(cursor);
    return page;
  };
}
