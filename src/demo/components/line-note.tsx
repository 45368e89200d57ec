import { useEffect, useState } from "preact/hooks";
import type { CallQuality, SatoshigleClient } from "@satoshigle/client";
import { explainLine } from "../explain-line.js";

/** Says in a line over the picture what is wrong with the call, and whose line it is. */
export function LineNote({ client, inCall }: { client: SatoshigleClient; inCall: boolean }) {
  const [quality, setQuality] = useState<CallQuality | null>(null);
  useEffect(() => {
    const off = [client.on("quality", setQuality), client.on("matched", () => setQuality(null))];
    return () => off.forEach((remove) => remove());
  }, [client]);
  const shown = inCall ? quality : null;
  const text = shown ? explainLine(shown) : "";
  return (
    <p
      class="line-note"
      role="status"
      data-testid="line-note"
      data-level={shown?.level ?? "good"}
      data-picture={shown?.picture ?? "full"}
      data-partner-picture={shown?.partnerPicture ?? "full"}
      data-cause={shown?.cause ?? ""}
    >
      {text}
    </p>
  );
}
