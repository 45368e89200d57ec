import { useEffect, useMemo, useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { LocalMedia, type MediaState } from "./local-media.js";
import { type ChosenDevices, isTextOnly } from "./media.js";

const KEY = "satoshigle.devices";

/** The local camera and microphone, published through the client. */
export function useMedia(client: SatoshigleClient, fail: (error: unknown) => void): [MediaState, LocalMedia] {
  const [state, setState] = useState<MediaState | null>(null);
  const media = useMemo(() => {
    const publish = (stream: MediaStream | null) => client.setMedia(stream).catch(fail);
    return new LocalMedia(navigator.mediaDevices, publish, setState, recallDevices());
  }, [client]);
  const now = state ?? media.state;
  useEffect(() => rememberDevices(now.chosen), [now.chosen]);
  const receives = !isTextOnly(now);
  useEffect(() => client.setReceiving({ audio: receives, video: receives }), [client, receives]);
  return [now, media];
}

function recallDevices(): ChosenDevices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const known = new Map(Object.entries(typeof kept === "object" && kept !== null ? kept : {}));
    const chosen: ChosenDevices = {};
    for (const device of ["camera", "microphone", "speaker"] as const) {
      const id: unknown = known.get(device);
      if (typeof id === "string") chosen[device] = id;
    }
    return chosen;
  } catch {
    return {};
  }
}

function rememberDevices(chosen: ChosenDevices): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // Without storage, the choice lasts until the page closes.
  }
}
