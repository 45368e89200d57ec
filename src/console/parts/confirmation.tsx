import type { ComponentChildren } from "preact";
import { Dialog } from "./dialog.js";
import { useAction } from "./use-action.js";

interface Props {
  title: string;
  /** The word on the button. */
  verb: string;
  act: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}

/** Asks before something is done, and says why it failed. */
export function Confirmation({ title, verb, act, onClose, children }: Props) {
  const { run, isRunning, problem } = useAction(act);
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="grave" aria-disabled={isRunning} onClick={() => run(undefined)}>
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
