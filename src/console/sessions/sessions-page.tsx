import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import {
  type AdminService,
  type SessionRecord,
  SessionRecord_State as State,
} from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { BanDialog } from "../bans/ban-dialog.js";
import { EndMatchDialog } from "../matches/end-match-dialog.js";
import { List } from "../parts/list.js";
import { useNotice } from "../parts/use-notice.js";
import { collect, ENOUGH_ROWS, FILTERED_PAGE_SIZE, usePages } from "../parts/use-pages.js";
import { CloseSessionDialog } from "./close-session-dialog.js";
import { SessionFilter, STATES } from "./session-filter.js";
import { type SessionAct, SessionRow } from "./session-row.js";

interface Props {
  admin: Client<typeof AdminService>;
  moderation: Client<typeof ModerationService>;
  query: URLSearchParams;
}

const COLUMNS = ["Session", "Network", "State", "Opened"];

/** The open sessions of all instances, and what operators can do about them. */
export function SessionsPage({ admin, moderation, query }: Props) {
  const pages = usePages<SessionRecord>(loaderOf(admin, query));
  const [asked, setAsked] = useState<{ act: SessionAct; record: SessionRecord }>();
  const { notice, say } = useNotice();
  const close = () => setAsked(undefined);
  const done = (text: string) => {
    close();
    say(text);
    pages.reload();
  };
  const dialog = { admin, moderation, onClose: close, onDone: done };
  return (
    <>
      <div class="heading">
        <h1>Sessions</h1>
        <p class="soft">of all instances, the newest first</p>
      </div>
      <SessionFilter query={query} reload={pages.reload} />
      {notice}
      <List name="sessions" columns={COLUMNS} pages={pages}>
        {(record) => (
          <SessionRow
            key={record.session?.sessionId}
            record={record}
            onAct={(act: SessionAct) => setAsked({ act, record })}
          />
        )}
      </List>
      {asked?.act === "ban" && <BanDialog {...dialog} session={asked.record} />}
      {asked?.act === "close" && <CloseSessionDialog {...dialog} session={asked.record} />}
      {asked?.act === "end" && <EndMatchDialog {...dialog} matchId={asked.record.matchId} />}
    </>
  );
}

function loaderOf(admin: Client<typeof AdminService>, query: URLSearchParams) {
  const [subject, addressKey] = [query.get("subject") ?? "", query.get("key") ?? ""];
  const state = STATES.find(({ name }) => name === query.get("state"))?.state ?? State.UNSPECIFIED;
  const pageSize = state === State.UNSPECIFIED ? ENOUGH_ROWS : FILTERED_PAGE_SIZE;
  const filter = { subject, addressKey, state, pageSize };
  return (firstToken: string, signal: AbortSignal) =>
    collect(async (pageToken) => {
      const { sessions: rows, nextPageToken } = await admin.listSessions({ ...filter, pageToken }, { signal });
      return { rows, nextPageToken };
    }, firstToken);
}
