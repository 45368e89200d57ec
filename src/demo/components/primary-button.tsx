import { useEffect, useState } from "preact/hooks";
import { type Call, GUARD_MS } from "../use-call.js";
import type { Phase } from "../words.js";
import { say } from "../say.js";
import { forwardArrow } from "../use-keys.js";
import { Icon } from "./icon.js";

/** Start when idle, Next otherwise. */
export function PrimaryButton({ phase, matchedAtMs, call }: { phase: Phase; matchedAtMs: number; call: Call }) {
  const fresh = useFresh(matchedAtMs);
  const matched = phase !== "idle" && phase !== "waiting";
  if (phase === "idle") {
    return (
      <button
        key="primary"
        type="button"
        class="primary"
        data-testid="start"
        aria-disabled={call.starting}
        onClick={() => void call.start()}
      >
        {call.starting ? say("controls.oneMoment") : say("controls.start")}
        <kbd class="hint">{say("key.space")}</kbd>
      </button>
    );
  }
  const blocked = !matched || fresh;
  return (
    <button
      key="primary"
      type="button"
      class="primary"
      data-testid="next"
      aria-disabled={blocked}
      onClick={() => void (blocked || call.next())}
    >
      {matched ? say("controls.next") : say("controls.looking")}
      {matched && <Icon name="next" />}
      <kbd class="hint">{forwardArrow()}</kbd>
    </button>
  );
}

function useFresh(sinceMs: number): boolean {
  const [seenMs, setSeenMs] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setSeenMs(sinceMs), GUARD_MS);
    return () => clearTimeout(timer);
  }, [sinceMs]);
  return seenMs !== sinceMs;
}
