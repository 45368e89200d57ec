import { useEffect, useState } from "preact/hooks";
import type { ClientView } from "../use-client.js";
import type { PanelView } from "../use-panel.js";
import { say } from "../say.js";

const SHOWN_MS = 6_000;

/** Briefly shows the partner's latest message while the chat is hidden. */
export function Peek({ view, panel }: { view: ClientView; panel: PanelView }) {
  const [gone, setGone] = useState<unknown>(null);
  const last = view.chat.lines.at(-1);
  useEffect(() => {
    const timer = setTimeout(() => setGone(last), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [last]);
  const inSight = panel.tab === "chat" && (panel.wide || panel.open);
  if (!last || last === gone || last.from === "me" || inSight || view.state.activity.phase !== "matched") return null;
  return (
    <button type="button" class="peek" aria-label={say("chat.open")} onClick={() => panel.show("chat")}>
      <span role="status" dir="auto">
        {last.text}
      </span>
    </button>
  );
}
