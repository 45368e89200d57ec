import { useEffect, useState } from "preact/hooks";
import type { ActionRecord } from "../../../gen/satoshigle/internal/v1/action_pb.js";
import { type CaseRecord, CaseState as State } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { BanRecord } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { AppealLink } from "../appeals/appeal-link.js";
import { titleOfKind } from "../actions/measures.js";
import { bannedName } from "../bans/describe.js";
import type { Clients } from "../clients.js";
import { Moment } from "../parts/moment.js";
import { sentenceOf } from "../parts/sentence.js";
import { legible } from "../parts/visible.js";
import { collect, FILTERED_PAGE_SIZE } from "../parts/use-pages.js";
import { hrefTo } from "../route.js";
import { titleOfOutcome, titleOfReason, titleOfState } from "./describe.js";

type Props = Pick<Clients, "moderation" | "actions"> & {
  record: CaseRecord;
  /** The history is loaded again when it changes. */
  version: unknown;
};

interface History {
  cases: readonly CaseRecord[];
  actions: readonly ActionRecord[];
  ban: BanRecord | undefined;
}

/** What was decided before about the same person, browser or network. */
export function CaseHistory({ moderation, actions, record, version }: Props) {
  const { caseId, reportedKey } = record;
  const [{ history, problem }, setState] = useState<{ history?: History; problem: string }>({ problem: "" });
  useEffect(() => {
    const loading = new AbortController();
    historyOf({ moderation, actions }, reportedKey, loading.signal).then(
      (found) => setState({ history: found, problem: "" }),
      (error: unknown) => {
        if (!loading.signal.aborted) setState((before) => ({ ...before, problem: sentenceOf(error) }));
      },
    );
    return () => {
      loading.abort();
    };
  }, [reportedKey, version]);
  const others = history?.cases.filter((one) => one.caseId !== caseId) ?? [];
  const isEmpty = history && others.length === 0 && history.actions.length === 0 && !history.ban;
  return (
    <section class="panel" aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {isEmpty && <p class="none">Nothing is known from before.</p>}
      <ul class="entries">
        {history?.ban && (
          <li>
            <strong>Banned</strong>, ends <Moment at={history.ban.expireTime} />
            {history.ban.reason !== "" && <p class="soft">{legible(history.ban.reason)}</p>}
            {history.ban.statement !== "" && <p class="soft">“{legible(history.ban.statement)}”</p>}
            {history.ban.appeal && (
              <p>
                Appeal: <AppealLink appeal={history.ban.appeal} name={bannedName(history.ban)} />
              </p>
            )}
          </li>
        )}
        {history?.actions.map((action) => (
          <PastAction key={action.actionId} action={action} />
        ))}
        {others.map((one) => (
          <li key={one.caseId}>
            <a href={hrefTo("cases", {}, one.caseId)}>Case {one.caseId}</a>, {titleOfReason(one.reason)}:{" "}
            {one.state === State.RESOLVED ? titleOfOutcome(one.outcome) : titleOfState(one.state)}{" "}
            <Moment at={one.resolveTime ?? one.createTime} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function PastAction({
  action: { kind, reason, moderator, createTime, expireTime, liftTime },
}: {
  action: ActionRecord;
}) {
  const isOver = Number(expireTime?.seconds ?? 0) * 1000 <= Date.now();
  return (
    <li>
      <strong>{titleOfKind(kind)}</strong> <Moment at={createTime} />
      {moderator !== "" && <> by {legible(moderator)}</>}
      <p class="soft">
        {liftTime ? "lifted " : isOver ? "ended " : "ends "}
        <Moment at={liftTime ?? expireTime} />
        {reason !== "" && <>: {legible(reason)}</>}
      </p>
    </li>
  );
}

async function historyOf(
  { moderation, actions }: Pick<Clients, "moderation" | "actions">,
  reportedKey: string,
  signal: AbortSignal,
): Promise<History> {
  const [cases, taken, bans] = await Promise.all([
    moderation.listCases({ reportedKey, pageSize: FILTERED_PAGE_SIZE }, { signal }),
    actions.listActions({ addressKey: reportedKey, pageSize: FILTERED_PAGE_SIZE }, { signal }),
    collect(async (pageToken) => {
      const page = await moderation.listBans({ pageSize: FILTERED_PAGE_SIZE, pageToken }, { signal });
      return { rows: page.bans.filter((ban) => ban.addressKey === reportedKey), nextPageToken: page.nextPageToken };
    }, ""),
  ]);
  return { cases: cases.cases, actions: taken.actions, ban: bans.rows[0] };
}
