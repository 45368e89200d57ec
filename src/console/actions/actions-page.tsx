import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import { ActionKind, type ActionRecord } from "../../../gen/satoshigle/internal/v1/action_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { kindOf } from "../bans/describe.js";
import type { Clients } from "../clients.js";
import { useMay } from "../operator/operator.js";
import { Confirmation } from "../parts/confirmation.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { useNotice } from "../parts/use-notice.js";
import { collect, FILTERED_PAGE_SIZE, usePages } from "../parts/use-pages.js";
import { legible, visible } from "../parts/visible.js";
import { ActionFilter } from "./action-filter.js";
import { titleOfKind } from "./measures.js";

const COLUMNS = ["Who", "Action", "Reason", "By", "Taken", "Ends"];

/** The actions of moderators, in force and over. */
export function ActionsPage({ actions, query }: Pick<Clients, "actions"> & { query: URLSearchParams }) {
  const filter = { subject: query.get("subject") ?? "", addressKey: query.get("key") ?? "", inForce: query.has("now") };
  const pages = usePages<ActionRecord>((firstToken, signal) =>
    collect(async (pageToken) => {
      const page = await actions.listActions({ ...filter, pageSize: FILTERED_PAGE_SIZE, pageToken }, { signal });
      return { rows: page.actions, nextPageToken: page.nextPageToken };
    }, firstToken),
  );
  const [asked, setAsked] = useState<ActionRecord>();
  const { notice, say } = useNotice();
  const lift = async ({ actionId }: ActionRecord) => {
    const { wasInForce } = await actions.liftAction({ actionId });
    setAsked(undefined);
    say(wasInForce ? "The action is lifted." : "The action was already over.");
    pages.reload();
  };
  return (
    <>
      <div class="heading">
        <h1>Actions</h1>
        <p class="soft">milder than a ban, those that changed last first</p>
      </div>
      <ActionFilter query={query} reload={pages.reload} />
      {notice}
      <List name="actions" columns={COLUMNS} pages={pages}>
        {(action) => <Row key={action.actionId} action={action} onLift={() => setAsked(action)} />}
      </List>
      {asked && (
        <Confirmation title="Lift this action?" verb="Lift" act={() => lift(asked)} onClose={() => setAsked(undefined)}>
          <p>
            {titleOfKind(asked.kind)}: <bdi>{nameIn(asked)}</bdi>
          </p>
        </Confirmation>
      )}
    </>
  );
}

const nameIn = ({ subject, addressKey }: ActionRecord) =>
  subject === "" ? `the ${kindOf(addressKey)} ${addressKey}` : visible(subject);

function Row({ action, onLift }: { action: ActionRecord; onLift: () => void }) {
  const { actionId, kind, addressKey, subject, reason, statement, moderator, createTime, expireTime, liftTime } =
    action;
  const mayLift = useMay(OperatorRole.MODERATOR);
  const isOver = liftTime !== undefined || Number(expireTime?.seconds ?? 0) * 1000 <= Date.now();
  return (
    <tr data-action={actionId}>
      <th scope="row">
        {subject !== "" && <bdi>{visible(subject)}</bdi>}
        <code>{addressKey}</code>
        <small>{kindOf(addressKey)}</small>
      </th>
      <td class="whole" data-label="Action">
        {titleOfKind(kind)}
        {kind === ActionKind.WARN && <Acknowledgement at={action.acknowledgeTime} />}
      </td>
      <td class="text" data-label="Reason">
        {reason === "" ? "–" : <bdi>{legible(reason)}</bdi>}
        {statement !== "" && <small>“{legible(statement)}”</small>}
      </td>
      <td class="text" data-label="By">
        {moderator === "" ? "–" : <bdi>{legible(moderator)}</bdi>}
      </td>
      <td data-label="Taken">
        <Moment at={createTime} />
      </td>
      <td data-label="Ends">
        {liftTime && <span class="soft">lifted </span>}
        <Moment at={liftTime ?? expireTime} />
      </td>
      <td>
        {mayLift && !isOver && (
          <div class="buttons">
            <button type="button" aria-label={`Lift: ${titleOfKind(kind)}, ${nameIn(action)}`} onClick={onLift}>
              Lift
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}

/** Whether the person has seen a warning, and when. */
function Acknowledgement({ at }: { at: Timestamp | undefined }) {
  if (!at) return <small>not acknowledged</small>;
  return (
    <small>
      acknowledged <Moment at={at} />
    </small>
  );
}
