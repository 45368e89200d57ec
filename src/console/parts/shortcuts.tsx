import { useEffect, useState } from "preact/hooks";
import { kept, keep, SHORTCUTS } from "../operator/kept.js";
import { Dialog } from "./dialog.js";

/** A key that does something in a view. */
export interface Shortcut {
  key: string;
  /** What it does, such as `Claim the case`. */
  title: string;
  act: () => void;
}

/** Applies the shortcuts of a view, and lists them in a dialog, where they can be turned off. */
export function Shortcuts({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  const [isOpen, setOpen] = useState(false);
  const [isOn, setOn] = useState(kept(SHORTCUTS) !== "off");
  useEffect(() => {
    const follow = (event: KeyboardEvent) => {
      if (!isMeant(event)) return;
      const found = event.key === "?" ? () => setOpen(true) : shortcuts.find(({ key }) => key === event.key)?.act;
      if (found === undefined || (!isOn && event.key !== "?")) return;
      event.preventDefault();
      found();
    };
    addEventListener("keydown", follow);
    return () => {
      removeEventListener("keydown", follow);
    };
  }, [shortcuts, isOn]);
  const change = (next: boolean) => {
    setOn(next);
    keep(SHORTCUTS, next ? "on" : "off");
  };
  return (
    <div class="buttons">
      <button type="button" onClick={() => setOpen(true)}>
        Shortcuts <kbd aria-hidden="true">?</kbd>
      </button>
      {isOpen && (
        <Dialog title="Keyboard shortcuts" onClose={() => setOpen(false)}>
          <dl class="keys">
            {shortcuts.map(({ key, title }) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{title}</dd>
              </div>
            ))}
          </dl>
          <p>
            <label class="check">
              <input type="checkbox" checked={isOn} onChange={(event) => change(event.currentTarget.checked)} />
              Single keys act
            </label>
          </p>
          <div class="buttons">
            <button type="button" onClick={() => setOpen(false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

/** Keys that are typed into a field, or pressed with others, or while a dialog is open, mean something else. */
function isMeant({ target, ctrlKey, altKey, metaKey, repeat }: KeyboardEvent): boolean {
  const isTyped = target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
  return !isTyped && !ctrlKey && !altKey && !metaKey && !repeat && document.querySelector("dialog[open]") === null;
}

/** Moves the focus among the first elements of rows, such as links; Enter then opens one. */
export function step(by: number, selector: string): void {
  const found = [...document.querySelectorAll<HTMLElement>(selector)];
  const current = found.findIndex((element) => element === document.activeElement);
  found[current < 0 ? 0 : Math.min(Math.max(current + by, 0), found.length - 1)]?.focus();
}
