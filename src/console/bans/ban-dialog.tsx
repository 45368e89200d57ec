import type { Client } from "@connectrpc/connect";
import type { SessionRecord } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { Dialog } from "../parts/dialog.js";
import { nameOf } from "../parts/participant.js";
import { type SubjectOrKey, textIn } from "../parts/subject-or-key.js";
import { useAction } from "../parts/use-action.js";
import { BanFields, readTerms } from "./ban-fields.js";
import { banned } from "./describe.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  session: SessionRecord;
  onClose: () => void;
  onDone: (text: string) => void;
}

interface Choice extends SubjectOrKey {
  name: "person" | "network";
  title: string;
  note: string;
}

/** Bans the person of a session, or its network. */
export function BanDialog({ moderation, session, onClose, onDone }: Props) {
  const choices = choicesOf(session);
  const { run, isRunning, problem } = useAction(async (data: FormData) => {
    const chosen = choices.find(({ name }) => name === textIn(data, "target")) ?? choices[0];
    if (!chosen) return;
    const { subject, addressKey } = chosen;
    const { ban } = await moderation.ban({ subject, addressKey, ...readTerms(data) });
    onDone(banned(ban, subject));
  });
  return (
    <Dialog title="Ban" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(new FormData(event.currentTarget));
        }}
      >
        <fieldset class="choices">
          <legend>Who</legend>
          {choices.map(({ name, title, note }, index) => (
            <label key={name}>
              <input type="radio" name="target" value={name} defaultChecked={index === 0} />
              <span>
                <bdi>{title}</bdi>
                <small>{note}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="fields">
          <BanFields />
        </div>
        {problem !== "" && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="grave" aria-disabled={isRunning}>
            Ban
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** An anonymous session has a network only. */
function choicesOf({ session, addressKey }: SessionRecord): readonly Choice[] {
  const network: Choice = {
    ...{ name: "network", subject: "", addressKey, title: addressKey },
    note: "The network of the session. Everybody on it is banned.",
  };
  if (!session || session.personKey === "") return [network];
  const { subject, personKey } = session;
  const person: Choice = {
    ...{ name: "person", subject, addressKey: subject === "" ? personKey : "", title: nameOf(session) },
    note: "The person, on every network. Others on these networks are not banned.",
  };
  return [person, network];
}
