import { explainAnswer, findAnswers } from "../answers.js";
import { say } from "../say.js";
import type { NoticesView } from "../use-notices.js";
import { Icon } from "./icon.js";

interface Props {
  notices: NoticesView;
  /** Whether something else is more important now. The answers wait. */
  wait: boolean;
}

/** Says what became of this person's reports, until that is dismissed. Screen readers announce it when they pause. */
export function AnswerNotice({ notices, wait }: Props) {
  const answers = wait ? [] : findAnswers(notices.unseen);
  const dismiss = () => notices.dismiss(answers);
  return (
    <section
      class={answers.length > 0 ? "notice notice-answers" : ""}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        dismiss();
      }}
    >
      <div role="status" aria-live="polite" data-testid="answers">
        {answers.map((answer) => (
          <p key={answer.reportId} class="notice-answer" data-acted-on={answer.actedOn}>
            <Icon name={answer.actedOn ? "check" : "flag"} /> <span>{explainAnswer(answer, Date.now())}</span>
          </p>
        ))}
      </div>
      {answers.length > 0 && (
        <button
          type="button"
          class="notice-close"
          data-testid="answers-dismiss"
          aria-label={say("error.dismiss")}
          onClick={dismiss}
        >
          <Icon name="close" />
        </button>
      )}
    </section>
  );
}
