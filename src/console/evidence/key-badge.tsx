import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useKey } from "./key.js";

/** Says that this tab holds a key, and forgets it. */
export function KeyBadge() {
  const { key, hold } = useKey();
  const [isForgotten, setForgotten] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (isForgotten) place.current?.focus(); // the button is gone
  }, [isForgotten]);
  useLayoutEffect(() => {
    if (key) setForgotten(false);
  }, [key]);
  const forget = () => {
    hold(undefined);
    setForgotten(true);
  };
  return (
    <div class="held buttons">
      <span class={key ? "unseen" : "soft"} role="status" tabIndex={-1} ref={place}>
        {key && "This tab holds a key."}
        {!key && isForgotten && "The key is forgotten."}
      </span>
      {key && (
        <button type="button" onClick={forget}>
          Forget key
        </button>
      )}
    </div>
  );
}
