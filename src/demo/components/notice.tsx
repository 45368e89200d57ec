import type { ComponentChildren } from "preact";
import type { Problem, Remedy } from "../problems.js";
import { say, sayAround } from "../say.js";
import { Countdown } from "./countdown.js";
import { Icon } from "./icon.js";

interface Props {
  problem: Problem;
  onRemedy: (remedy: Remedy) => void;
  onDismiss: () => void;
  /** A button besides the remedies. */
  action?: ComponentChildren;
  /** More about the problem. */
  children?: ComponentChildren;
}

/** Shows a problem and its remedies. */
export function Notice({ problem, onRemedy, onDismiss, action, children }: Props) {
  const [beforeTime, afterTime] = sayAround("error.retryIn", "time");
  return (
    <section class="notice" data-testid="notice">
      <div class="notice-words" role="alert">
        <p class="notice-title">
          <Icon name="alert" /> {problem.title}
        </p>
        <p class="notice-text">{problem.text}</p>
        {children}
      </div>
      {problem.untilMs !== undefined && (
        <p class="notice-wait">
          {beforeTime}
          <Countdown untilMs={problem.untilMs} />
          {afterTime}
        </p>
      )}
      {(problem.remedies.length > 0 || action) && (
        <div class="notice-remedies">
          {action}
          {problem.remedies.map((remedy, at) => (
            <button
              key={remedy}
              type="button"
              class={at === 0 ? "button button-strong" : "button"}
              data-testid={`remedy-${remedy}`}
              onClick={() => onRemedy(remedy)}
            >
              {say(`remedy.${remedy}`)}
            </button>
          ))}
        </div>
      )}
      <button type="button" class="notice-close" aria-label={say("error.dismiss")} onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </section>
  );
}
