import type { SessionRecord } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay } from "../operator/operator.js";
import { Moment } from "../parts/moment.js";
import { nameOf, Participant } from "../parts/participant.js";
import { hrefTo } from "../route.js";
import { STATES } from "./session-filter.js";

/** What can be done about a session. */
export type SessionAct = "ban" | "close" | "end";

/** A session with its buttons. */
export function SessionRow({ record, onAct }: { record: SessionRecord; onAct: (act: SessionAct) => void }) {
  const { session, addressKey, state, matchId, attached, createTime } = record;
  const mayAct = useMay(OperatorRole.MODERATOR);
  if (!session) return null;
  const name = nameOf(session);
  return (
    <tr data-session={session.sessionId}>
      <th scope="row">
        <Participant session={session} />
      </th>
      <td data-label="Network">
        <a href={hrefTo("sessions", { key: addressKey })}>
          <code>{addressKey}</code>
        </a>
      </td>
      <td class="whole" data-label="State">
        {STATES.find((one) => one.state === state)?.title ?? "–"}
        {!attached && <small>without a stream</small>}
      </td>
      <td data-label="Opened">
        <Moment at={createTime} />
      </td>
      <td>
        {mayAct && (
          <div class="buttons">
            {matchId !== "" && (
              <button type="button" aria-label={`End match of ${name}`} onClick={() => onAct("end")}>
                End match
              </button>
            )}
            <button type="button" aria-label={`Close session of ${name}`} onClick={() => onAct("close")}>
              Close
            </button>
            <button type="button" class="grave" aria-label={`Ban ${name}`} onClick={() => onAct("ban")}>
              Ban
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}
