import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { AdminService, MatchRecord } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay } from "../operator/operator.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { Participant } from "../parts/participant.js";
import { useNotice } from "../parts/use-notice.js";
import { collect, ENOUGH_ROWS, FILTERED_PAGE_SIZE, usePages } from "../parts/use-pages.js";
import { EndMatchDialog } from "./end-match-dialog.js";
import { MatchFilter, minutesIn } from "./match-filter.js";

interface Props {
  admin: Client<typeof AdminService>;
  query: URLSearchParams;
}

const COLUMNS = ["Offerer", "Answerer", "Match", "Began"];

/** The running matches of all instances. */
export function MatchesPage({ admin, query }: Props) {
  const pages = usePages<MatchRecord>(loaderOf(admin, query));
  const [asked, setAsked] = useState<string>();
  const { notice, say } = useNotice();
  const close = () => setAsked(undefined);
  const done = (text: string) => {
    close();
    say(text);
    pages.reload();
  };
  return (
    <>
      <div class="heading">
        <h1>Matches</h1>
        <p class="soft">of all instances, the newest first</p>
      </div>
      <MatchFilter query={query} reload={pages.reload} />
      {notice}
      <List name="matches" columns={COLUMNS} pages={pages}>
        {(record) => <Row key={record.matchId} record={record} onEnd={() => setAsked(record.matchId)} />}
      </List>
      {asked !== undefined && <EndMatchDialog admin={admin} matchId={asked} onClose={close} onDone={done} />}
    </>
  );
}

function Row({ record, onEnd }: { record: MatchRecord; onEnd: () => void }) {
  const { matchId, offerer, answerer, relayOnly, answered, createTime } = record;
  const mayEnd = useMay(OperatorRole.MODERATOR);
  return (
    <tr data-match={matchId}>
      <td data-label="Offerer">
        <Participant session={offerer} />
      </td>
      <td data-label="Answerer">
        <Participant session={answerer} />
      </td>
      <th scope="row" data-label="Match">
        <code>{matchId}</code>
        <small>
          {answered ? "answered" : "not answered"}
          {relayOnly && ", relayed"}
        </small>
      </th>
      <td data-label="Began">
        <Moment at={createTime} />
      </td>
      <td>
        {mayEnd && (
          <div class="buttons">
            <button type="button" aria-label={`End match ${matchId}`} onClick={onEnd}>
              End match
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}

function loaderOf(admin: Client<typeof AdminService>, query: URLSearchParams) {
  const call = query.get("call");
  const olderThan = { seconds: BigInt(Math.round(minutesIn(query) * 60)), nanos: 0 };
  const isFiltered = call === "answered" || call === "unanswered";
  const answered = isFiltered ? { answered: call === "answered" } : {};
  const filter = { olderThan, ...answered, pageSize: isFiltered ? FILTERED_PAGE_SIZE : ENOUGH_ROWS };
  return (firstToken: string, signal: AbortSignal) =>
    collect(async (pageToken) => {
      const { matches: rows, nextPageToken } = await admin.listMatches({ ...filter, pageToken }, { signal });
      return { rows, nextPageToken };
    }, firstToken);
}
