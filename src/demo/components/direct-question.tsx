import { say } from "../say.js";
import { Icon } from "./icon.js";

interface Props {
  onDirect: () => void;
  onStay: () => void;
}

/** Shown when the partner of a relayed call asks for a direct call. */
export function DirectQuestion({ onDirect, onStay }: Props) {
  return (
    <section class="notice notice-question" data-testid="direct-question">
      <div class="notice-words" role="alert">
        <p class="notice-title">
          <Icon name="direct" /> {say("way.question.title")}
        </p>
        <p class="notice-text">{say("way.question.text")}</p>
      </div>
      <div class="notice-remedies">
        <button type="button" class="button button-strong" data-testid="stay-relayed" onClick={onStay}>
          {say("way.stay")}
        </button>
        <button type="button" class="button" data-testid="go-direct" onClick={onDirect}>
          {say("way.go")}
        </button>
      </div>
    </section>
  );
}
