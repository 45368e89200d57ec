import type { Client } from "@connectrpc/connect";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import type { PeopleService, PersonRecord } from "../../../gen/satoshigle/internal/v1/people_pb.js";
import { useMay } from "../operator/operator.js";
import { Confirmation } from "../parts/confirmation.js";
import { visible } from "../parts/visible.js";

type People = Client<typeof PeopleService>;

const ACTS = {
  close: {
    ...{ verb: "Close sessions", title: "Close all sessions of this person?", role: OperatorRole.MODERATOR },
    note: "The person may open new ones.",
    act: async (people: People, subject: string) => {
      const { closedCount } = await people.closeSessions({ subject });
      return `${String(closedCount)} closed of ${visible(subject)}.`;
    },
  },
  revoke: {
    ...{ verb: "Revoke tokens", title: "Revoke the identity tokens of this person?", role: OperatorRole.MODERATOR },
    note: "Sessions are closed. The person must sign in to the app again.",
    act: async (people: People, subject: string) => {
      await people.revokeTokens({ subject });
      return `The tokens of ${visible(subject)} are revoked.`;
    },
  },
  forget: {
    ...{ verb: "Forget", title: "Forget this person?", role: OperatorRole.ADMIN },
    note: "Deletes the subject and the blocks, and closes the sessions. It cannot be undone.",
    act: async (people: People, subject: string) => {
      await people.forget({ subject });
      return `${visible(subject)} is forgotten.`;
    },
  },
} as const;

/** What can be done about a person. */
export type PersonAct = keyof typeof ACTS;

export function PersonButtons({ name, onAct }: { name: string; onAct: (act: PersonAct) => void }) {
  const may = { close: useMay(ACTS.close.role), revoke: useMay(ACTS.revoke.role), forget: useMay(ACTS.forget.role) };
  return (
    <div class="buttons">
      {(["close", "revoke", "forget"] as const).map((act) => {
        const { verb } = ACTS[act];
        if (!may[act]) return null;
        return (
          <button
            key={act}
            type="button"
            class={act === "forget" ? "grave" : undefined}
            aria-label={`${verb} of ${name}`}
            onClick={() => onAct(act)}
          >
            {verb}
          </button>
        );
      })}
    </div>
  );
}

interface Props {
  people: People;
  act: PersonAct;
  person: PersonRecord;
  onClose: () => void;
  onDone: (text: string) => void;
}

export function PersonDialog({ people, act, person: { subject }, onClose, onDone }: Props) {
  const { verb, title, note, act: run } = ACTS[act];
  return (
    <Confirmation title={title} verb={verb} act={async () => onDone(await run(people, subject))} onClose={onClose}>
      <p>
        <bdi>{visible(subject)}</bdi>
      </p>
      <p class="soft">{note}</p>
    </Confirmation>
  );
}
