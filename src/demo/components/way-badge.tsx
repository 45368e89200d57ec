import { useState } from "preact/hooks";
import type { Way } from "../way.js";
import { say } from "../say.js";
import { Icon } from "./icon.js";

interface Props {
  way: Way;
  onDirect: () => void;
  onSafetyCode: () => void;
}

/** The path of the call. A click explains it, and may offer to ask for a direct call. */
export function WayBadge({ way, onDirect, onSafetyCode }: Props) {
  const [open, setOpen] = useState(false);
  const leave = (event: FocusEvent) => {
    const within = event.currentTarget as Element;
    if (!(event.relatedTarget instanceof Node && within.contains(event.relatedTarget))) setOpen(false);
  };
  const choose = (act: () => void) => () => {
    setOpen(false);
    act();
  };
  return (
    <div
      class="way"
      data-testid="way"
      data-way={way.path}
      tabIndex={-1}
      onFocusOut={leave}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        setOpen(false);
      }}
    >
      <button type="button" class="tool" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={way.path} />
        <span class="tool-name">{say(`way.${way.path}`)}</span>
      </button>
      {open && (
        <div class="way-words">
          <p role="status">{way.text}</p>
          {way.choice === "ask" && (
            <button type="button" class="button" data-testid="ask-direct" onClick={choose(onDirect)}>
              {say("way.ask")}
            </button>
          )}
          <button type="button" class="button" data-testid="safety-code" onClick={choose(onSafetyCode)}>
            {say("safety.title")}
          </button>
        </div>
      )}
    </div>
  );
}
