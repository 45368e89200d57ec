import type { Client } from "@connectrpc/connect";
import { useMemo, useState } from "preact/hooks";
import { AppealState as State } from "../../../gen/satoshigle/internal/v1/appeal_pb.js";
import type { BanRecord, ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay } from "../operator/operator.js";
import { FilterChoice, FilterForm } from "../parts/filter-form.js";
import { List } from "../parts/list.js";
import { type Shortcut, Shortcuts, step } from "../parts/shortcuts.js";
import { textIn } from "../parts/subject-or-key.js";
import { useNotice } from "../parts/use-notice.js";
import { collect, ENOUGH_ROWS, FILTERED_PAGE_SIZE, usePages } from "../parts/use-pages.js";
import { goTo, hrefTo } from "../route.js";
import { AppealRow } from "./appeal-row.js";
import { DecisionDialog } from "./decision-dialog.js";
import { type Decision, DECISIONS, STATES } from "./describe.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  query: URLSearchParams;
}

/** The links of the rows. */
const LINKS = "tbody th a";
const COLUMNS = ["Who", "Appeal", "Reason", "In force"];

const read = (data: FormData) => ({ state: textIn(data, "state") });

/** What those who are banned ask for, and what was decided. */
export function AppealsPage({ moderation, query }: Props) {
  const state = STATES.find(({ name }) => name === query.get("state"))?.state ?? State.OPEN;
  const pages = usePages<BanRecord>(loaderOf(moderation, state, query.get("ban") ?? ""));
  const [asked, setAsked] = useState<{ ban: BanRecord; decision: Decision }>();
  const { notice, say } = useNotice();
  const mayDecide = useMay(OperatorRole.MODERATOR);
  const shortcuts = useMemo(() => shortcutsFor(state, mayDecide, pages.reload), [state, mayDecide]);
  const done = (text: string) => {
    setAsked(undefined);
    say(text);
    pages.reload();
  };
  return (
    <>
      <div class="heading">
        <h1>Appeals</h1>
        <p class="soft">{state === State.OPEN ? "open, the oldest first" : "decided, the latest decision first"}</p>
        <Shortcuts shortcuts={shortcuts} />
      </div>
      <FilterForm view="appeals" all="All open appeals" query={query} read={read} reload={pages.reload}>
        <FilterChoice label="State" name="state" none="open, the oldest first" query={query} options={STATES} />
      </FilterForm>
      {notice}
      <List name="appeals" columns={COLUMNS} pages={pages} isOldestFirst={state === State.OPEN}>
        {(ban) =>
          ban.appeal && (
            <AppealRow
              key={ban.appeal.banId}
              ban={ban}
              appeal={ban.appeal}
              onDecide={mayDecide ? (decision) => setAsked({ ban, decision }) : undefined}
            />
          )
        }
      </List>
      {asked && <DecisionDialog {...asked} moderation={moderation} onClose={() => setAsked(undefined)} onDone={done} />}
    </>
  );
}

/** Loads the appeals in a state; only the one against a ban if its ID is given. */
function loaderOf(moderation: Client<typeof ModerationService>, state: State, banId: string) {
  const pageSize = banId === "" ? ENOUGH_ROWS : FILTERED_PAGE_SIZE;
  return (firstToken: string, signal: AbortSignal) =>
    collect(async (pageToken) => {
      const page = await moderation.listAppeals({ state, pageSize, pageToken }, { signal });
      const rows = page.bans.filter(({ appeal }) => banId === "" || appeal?.banId === banId);
      return { rows, nextPageToken: page.nextPageToken };
    }, firstToken);
}

function shortcutsFor(state: State, mayDecide: boolean, reload: () => void): Shortcut[] {
  const [open, decided] = [hrefTo("appeals"), hrefTo("appeals", { state: "decided" })];
  const acts = DECISIONS.map(({ verb, shortcut }) => ({
    ...{ key: shortcut, title: `${verb} the ban of the chosen appeal`, act: () => press(verb) },
  }));
  return [
    { key: "j", title: "Next appeal", act: () => step(1, LINKS) },
    { key: "k", title: "Previous appeal", act: () => step(-1, LINKS) },
    ...(mayDecide && state === State.OPEN ? acts : []),
    { key: "o", title: "Open appeals", act: () => goTo(open, reload) },
    { key: "d", title: "Decided appeals", act: () => goTo(decided, reload) },
    { key: "l", title: "Load the list again", act: reload },
  ];
}

/** Presses a button of the row that has the focus. */
function press(verb: string): void {
  const row = document.activeElement?.closest("tbody tr");
  row?.querySelector<HTMLElement>(`button[aria-label^="${verb} "]`)?.click();
}
