import type { Client } from "@connectrpc/connect";
import type { BanRecord, ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { bannedName } from "../bans/describe.js";
import { Dialog } from "../parts/dialog.js";
import { reasonOf } from "../parts/sentence.js";
import { textIn } from "../parts/subject-or-key.js";
import { ToldField } from "../parts/told-field.js";
import { useAction } from "../parts/use-action.js";
import { legibleLines } from "../parts/visible.js";
import type { Decision } from "./describe.js";

const MAX_ANSWER = 500;

interface Props {
  moderation: Client<typeof ModerationService>;
  ban: BanRecord;
  decision: Decision;
  onClose: () => void;
  onDone: (text: string) => void;
}

/** Decides an appeal, with an answer. */
export function DecisionDialog({ moderation, ban, decision, onClose, onDone }: Props) {
  const { outcome, verb, title, question, note, answer: label } = decision;
  const name = bannedName(ban);
  const { run, isRunning, problem } = useAction(async (answer: string) => {
    const problemOfAppeal = await moderation.resolveAppeal({ banId: ban.appeal?.banId ?? "", outcome, answer }).then(
      () => "",
      (error: unknown) => {
        const text = overOf(error, name);
        if (text === "") throw error;
        return text;
      },
    );
    onDone(problemOfAppeal || `The ban of ${name} is ${title.toLowerCase()}.`);
  });
  return (
    <Dialog title={question} onClose={onClose}>
      <p>
        <bdi>{name}</bdi>
      </p>
      <blockquote dir="auto">{legibleLines(ban.appeal?.text ?? "")}</blockquote>
      <p class="soft">{note}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(textIn(new FormData(event.currentTarget), "answer"));
        }}
      >
        <div class="fields">
          <ToldField name="answer" label={label} maxLength={MAX_ANSWER} rows={3} />
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
          <button type="submit" class="main" aria-disabled={isRunning}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Why an appeal can no longer be decided, so that the list is not what it was; empty for other errors. */
function overOf(error: unknown, name: string): string {
  switch (reasonOf(error)) {
    case "APPEAL_OVER":
      return `Nothing changed: somebody else decided the appeal of ${name} meanwhile, which is final. See the decided ones.`;
    case "APPEAL_UNKNOWN":
      return `Nothing changed: the ban of ${name} was lifted or replaced meanwhile, and its appeal went with it.`;
    default:
      return "";
  }
}
