import { type RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Screening, ScreeningState } from "@satoshigle/client/screening";
import { objectToDarkness } from "./example-inspection.js";
import { storedSwitch } from "./stored-switch.js";

/** Whether the partner's pictures are checked on this device before they are shown. */
export const useScreeningSwitch = storedSwitch("screening", false);

interface ScreeningView {
  state: ScreeningState;
  agree: () => void;
}

/** Checks what a video element plays, if the user wants that. Until the check is loaded, the picture is not shown. */
export function useScreening(video: RefObject<HTMLVideoElement | null>): ScreeningView {
  const [on] = useScreeningSwitch();
  const [state, setState] = useState<ScreeningState>(on ? "inspecting" : "clear");
  const screening = useRef<Screening | null>(null);
  useEffect(() => {
    setState(on ? "inspecting" : "clear");
    if (!on) return;
    const leaving = new AbortController();
    void import("@satoshigle/client/screening").then(
      ({ screenVideo }) => {
        if (leaving.signal.aborted || !video.current) return;
        screening.current = screenVideo(video.current, { inspect: objectToDarkness, onState: setState });
      },
      () => setState("failed"),
    );
    return () => {
      leaving.abort();
      screening.current?.stop();
      screening.current = null;
    };
  }, [on]);
  const agree = () => (screening.current ? screening.current.agree() : setState("agreed"));
  return { state, agree };
}
