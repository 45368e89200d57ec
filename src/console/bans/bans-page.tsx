import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import { AppealLink } from "../appeals/appeal-link.js";
import type { BanRecord, ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay } from "../operator/operator.js";
import { Confirmation } from "../parts/confirmation.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { useNotice } from "../parts/use-notice.js";
import { ENOUGH_ROWS, usePages } from "../parts/use-pages.js";
import { legible, visible } from "../parts/visible.js";
import { BanForm } from "./ban-form.js";
import { bannedName, kindOf } from "./describe.js";

interface Props {
  moderation: Client<typeof ModerationService>;
}

const COLUMNS = ["Who", "Reason", "By", "Since", "Until", "Appeal"];

/** The bans in force, and a form for new ones. */
export function BansPage({ moderation }: Props) {
  const pages = usePages<BanRecord>(async (pageToken, signal) => {
    const { bans: rows, nextPageToken } = await moderation.listBans({ pageSize: ENOUGH_ROWS, pageToken }, { signal });
    return { rows, nextPageToken };
  });
  const [asked, setAsked] = useState<BanRecord>();
  const { notice, say } = useNotice();
  const mayBan = useMay(OperatorRole.MODERATOR);
  const done = (text: string) => {
    setAsked(undefined);
    say(text);
    pages.reload();
  };
  return (
    <>
      <div class="heading">
        <h1>Bans</h1>
        <p class="soft">in force, the newest first</p>
      </div>
      {mayBan && <BanForm moderation={moderation} onDone={done} />}
      {notice}
      <List name="bans" columns={COLUMNS} pages={pages}>
        {(ban) => <Row key={ban.addressKey} ban={ban} onUnban={() => setAsked(ban)} />}
      </List>
      {asked && <UnbanDialog moderation={moderation} ban={asked} onClose={() => setAsked(undefined)} onDone={done} />}
    </>
  );
}

function Row({ ban, onUnban }: { ban: BanRecord; onUnban: () => void }) {
  const { addressKey, subject, reason, statement, automatic, appeal, createTime, expireTime } = ban;
  const mayBan = useMay(OperatorRole.MODERATOR);
  return (
    <tr data-ban={addressKey}>
      <th scope="row">
        {subject !== "" && <bdi>{visible(subject)}</bdi>}
        <code>{addressKey}</code>
        <small>{kindOf(addressKey)}</small>
      </th>
      <td class="text" data-label="Reason">
        {reason === "" ? "–" : <bdi>{legible(reason)}</bdi>}
        {statement !== "" && <small>“{legible(statement)}”</small>}
      </td>
      <td class="whole" data-label="By">
        {automatic ? "reports" : "an operator"}
      </td>
      <td data-label="Since">
        <Moment at={createTime} />
      </td>
      <td data-label="Until">
        <Moment at={expireTime} />
      </td>
      <td class="whole" data-label="Appeal">
        {appeal ? <AppealLink appeal={appeal} name={bannedName(ban)} /> : "–"}
      </td>
      <td>
        {mayBan && (
          <div class="buttons">
            <button type="button" aria-label={`Unban ${bannedName(ban)}`} onClick={onUnban}>
              Unban
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}

interface UnbanProps {
  moderation: Client<typeof ModerationService>;
  ban: BanRecord;
  onClose: () => void;
  onDone: (text: string) => void;
}

function UnbanDialog({ moderation, ban, onClose, onDone }: UnbanProps) {
  const { addressKey } = ban;
  const name = bannedName(ban);
  const act = async () => {
    const { wasBanned } = await moderation.unban({ addressKey });
    onDone(wasBanned ? `The ban of ${name} is lifted.` : `The ban of ${name} had already ended.`);
  };
  return (
    <Confirmation title="Lift this ban?" verb="Unban" act={act} onClose={onClose}>
      <p>
        <bdi>{name}</bdi>
      </p>
      <p class="soft">Reports from before no longer count towards the next automatic ban.</p>
    </Confirmation>
  );
}
