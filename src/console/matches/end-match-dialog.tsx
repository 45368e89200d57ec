import type { Client } from "@connectrpc/connect";
import type { AdminService } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { Confirmation } from "../parts/confirmation.js";

interface Props {
  admin: Client<typeof AdminService>;
  matchId: string;
  onClose: () => void;
  onDone: (text: string) => void;
}

export function EndMatchDialog({ admin, matchId, onClose, onDone }: Props) {
  const act = async () => {
    const { ended } = await admin.endMatch({ matchId });
    onDone(ended ? `The match ${matchId} is ended.` : `The match ${matchId} had already ended.`);
  };
  return (
    <Confirmation title="End this match?" verb="End match" act={act} onClose={onClose}>
      <p>
        <code>{matchId}</code>
      </p>
      <p class="soft">
        Both sides are shown that the match was ended. They may search again, and avoid each other for a minute.
      </p>
    </Confirmation>
  );
}
