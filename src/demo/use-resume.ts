import { useEffect, useRef } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { keepMode, recallMode, tabStorage } from "./kept-session.js";
import { isTextSession } from "./mode-limit.js";
import type { LocalMedia, MediaState } from "./local-media.js";
import type { Phase } from "./words.js";

/** Resumes the session after a reload. Reopens camera and microphone unless the session is idle. */
export function useResume(
  client: SatoshigleClient,
  resuming: boolean,
  phase: Phase,
  state: MediaState,
  media: LocalMedia,
  fail: (error: unknown) => void,
): void {
  const asked = useRef(false);

  useEffect(() => {
    if (resuming) void client.connect().catch(fail);
  }, [client]);

  useEffect(() => {
    if (phase === "idle" || state.mode !== null || state.asking || asked.current) return;
    asked.current = true;
    void media.open(isTextSession(client.state) ? "text" : recallMode(tabStorage()));
  }, [phase, state.mode, state.asking]);

  useEffect(() => {
    if (state.mode !== null) keepMode(tabStorage(), state.mode);
  }, [state.mode]);
}
