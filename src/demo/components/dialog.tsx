import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../say.js";
import { Icon } from "./icon.js";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  testId: string;
  children: ComponentChildren;
}

/** A modal dialog. Esc, the close button and a click outside close it. */
export function Dialog({ title, open, onClose, testId, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (!element || element.open === open) return;
    if (open) element.showModal();
    else element.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-testid={testId}
      aria-labelledby={`${testId}-title`}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {open && (
        <div class="dialog-body">
          <div class="dialog-top">
            <h2 class="dialog-title" id={`${testId}-title`}>
              {title}
            </h2>
            <button type="button" class="tool" aria-label={say("close")} onClick={onClose}>
              <Icon name="close" />
            </button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
