import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { LocalMedia, type MediaState } from "./local-media.js";
import { type ChosenDevices, isTextOnly } from "./media.js";
import { isTextSession } from "./mode-limit.js";
import type { ClientView } from "./use-client.js";

const KEY = "satoshigle.devices";

/** The local camera and microphone, published through the client. A session that is text only has none. */
export function useMedia(
  client: SatoshigleClient,
  { state: { modeLimit }, fail }: ClientView,
): [MediaState, LocalMedia] {
  const [state, setState] = useState<MediaState | null>(null);
  const media = useMemo(() => {
    const publish = (stream: MediaStream | null) => client.setMedia(stream).catch(fail);
    return new LocalMedia(navigator.mediaDevices, publish, setState, recallDevices());
  }, [client]);
  const now = state ?? media.state;
  useEffect(() => rememberDevices(now.chosen), [now.chosen]);
  const receives = !isTextOnly(now);
  useEffect(() => client.setReceiving({ audio: receives, video: receives }), [client, receives]);
  const isOpen = now.mode !== "text" || now.stream !== null || now.failure !== null;
  const isToClose = isTextSession({ modeLimit }) && isOpen && !now.asking;
  const isClosing = useRef(false);
  useEffect(() => {
    if (!isToClose || isClosing.current) return;
    isClosing.current = true;
    void media.open("text").finally(() => (isClosing.current = false));
  }, [isToClose, now]);
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
