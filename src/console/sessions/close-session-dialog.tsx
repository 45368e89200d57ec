import type { Client } from "@connectrpc/connect";
import type { AdminService, SessionRecord } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { Confirmation } from "../parts/confirmation.js";
import { nameOf } from "../parts/participant.js";

interface Props {
  admin: Client<typeof AdminService>;
  session: SessionRecord;
  onClose: () => void;
  onDone: (text: string) => void;
}

export function CloseSessionDialog({ admin, session: { session }, onClose, onDone }: Props) {
  if (!session) return null;
  const { sessionId } = session;
  const name = nameOf(session);
  const act = async () => {
    const { closed } = await admin.closeSession({ sessionId });
    onDone(closed ? `The session of ${name} is closed.` : `The session of ${name} was already closed.`);
  };
  return (
    <Confirmation title="Close this session?" verb="Close session" act={act} onClose={onClose}>
      <p>
        <bdi>{name}</bdi> <code>{sessionId}</code>
      </p>
      <p class="soft">Its stream ends, its partner is free again, and its user may start a new session.</p>
    </Confirmation>
  );
}
