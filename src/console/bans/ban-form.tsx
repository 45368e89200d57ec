import type { Client } from "@connectrpc/connect";
import { useRef } from "preact/hooks";
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
  const form = useRef<HTMLFormElement>(null);
  const { run, isRunning, problem } = useAction(async (data: FormData) => {
    const who = readSubjectOrKey(data);
    const { ban } = await moderation.ban({ ...who, ...readTerms(data) });
    form.current?.reset();
    onDone(banned(ban, who.subject));
  });
  return (
    <form
      class="panel"
      ref={form}
      aria-labelledby="ban-title"
      onSubmit={(event) => {
        event.preventDefault();
        run(new FormData(event.currentTarget));
      }}
    >
      <h2 id="ban-title">New ban</h2>
      <div class="fields">
        <SubjectOrKeyFields keyOf="network, browser or person" isRequired />
        <BanFields />
        <div class="buttons">
          <button type="submit" class="grave" disabled={isRunning}>
            Ban
          </button>
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
