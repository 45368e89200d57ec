import { QUESTION } from "../way.js";
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
          <Icon name="direct" /> Your partner would like a direct call
        </p>
        <p class="notice-text">{QUESTION}</p>
      </div>
      <div class="notice-remedies">
        <button type="button" class="button button-strong" data-testid="stay-relayed" onClick={onStay}>
          Stay relayed
        </button>
        <button type="button" class="button" data-testid="go-direct" onClick={onDirect}>
          Go direct
        </button>
      </div>
    </section>
  );
}
