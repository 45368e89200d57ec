import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { readSubjectOrKey, SubjectOrKeyFields } from "../parts/subject-or-key.js";
import { useAction } from "../parts/use-action.js";
import { BanFields, readTerms } from "./ban-fields.js";
import { banned } from "./describe.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  onDone: (text: string) => void;
}

/** Bans somebody whose subject or key is entered. */
export function BanForm({ moderation, onDone }: Props) {
  const [bans, setBans] = useState(0);
  const { run, isRunning, problem } = useAction(async (data: FormData) => {
    const who = readSubjectOrKey(data);
    const { ban } = await moderation.ban({ ...who, ...readTerms(data) });
    setBans((count) => count + 1);
    onDone(banned(ban, who.subject));
  });
  return (
    <form
      class="panel"
      aria-labelledby="ban-title"
      onSubmit={(event) => {
        event.preventDefault();
        run(new FormData(event.currentTarget));
      }}
    >
      <h2 id="ban-title">New ban</h2>
      {/* Fields of their own for each ban: a reset would choose the first options, and so minutes in place of days. */}
      <div key={bans}>
        <div class="fields">
          <SubjectOrKeyFields keyOf="network, browser or person" isRequired />
        </div>
        <div class="fields">
          <BanFields />
          <div class="buttons">
            <button type="submit" class="grave" aria-disabled={isRunning}>
              Ban
            </button>
          </div>
        </div>
      </div>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
