import { useRef, useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import type { LocalMedia } from "./local-media.js";
import type { Choice } from "./preferences.js";
import type { Remedy } from "./problems.js";
import { type ClientView, findObstacle } from "./use-client.js";
import { useSearch } from "./use-search.js";

/** Ignores Next this long after a match, so that a late press does not skip a partner who has just arrived. */
export const GUARD_MS = 500;

/** The actions behind the buttons. */
export interface Call {
  /** Start was pressed, and camera and microphone are opening. */
  starting: boolean;
  start: () => Promise<void>;
  next: () => Promise<void>;
  stop: () => Promise<void>;
  /** Runs the action of a problem's button. */
  heal: (remedy: Remedy) => Promise<void>;
}

/** Combines the client, the devices and the preferences. */
export function useCall(client: SatoshigleClient, view: ClientView, media: LocalMedia, choice: Choice): Call {
  const [starting, setStarting] = useState(false);
  /** Start was pressed but the devices failed. Continuing without them starts the search. */
  const startWished = useRef(false);
  const { phase } = view.state.activity;
  const search = useSearch(client, choice, phase === "waiting", view.fail);

  async function attempt(act: () => Promise<void>): Promise<void> {
    startWished.current = false;
    view.fail(null);
    media.dismissFailure();
    await act().catch(view.fail);
  }

  async function start(): Promise<void> {
    if (starting || phase !== "idle") return;
    const obstacle = findObstacle();
    if (obstacle !== null) {
      view.fail(obstacle.error); // without asking for a camera that no call can use
      return;
    }
    setStarting(true);
    view.begin();
    startWished.current = true;
    const ready = media.state.mode !== null || (await media.open("video"));
    setStarting(false);
    if (ready) await attempt(search.begin);
  }

  async function next(): Promise<void> {
    if (Date.now() - view.matchedAtMs < GUARD_MS) return;
    await attempt(async () => {
      if (search.outdated()) await search.begin();
      await client.next();
    });
  }

  const stop = () => attempt(() => client.stop());
  const goOn = async (opened: Promise<boolean>) => {
    if ((await opened) && startWished.current) await start();
  };
  const useHere = () => attempt(() => client.connect());
  return { starting, start, next, stop, heal: (remedy) => heal(remedy, { start, next, goOn, useHere, media }) };
}

interface Ways {
  start: () => Promise<void>;
  next: () => Promise<void>;
  goOn: (opened: Promise<boolean>) => Promise<void>;
  useHere: () => Promise<void>;
  media: LocalMedia;
}

function heal(remedy: Remedy, { start, next, goOn, useHere, media }: Ways): Promise<void> {
  switch (remedy) {
    case "start":
      return start();
    case "next":
      return next();
    case "use_here":
      return useHere();
    case "ask_again":
      return goOn(media.retry());
    case "microphone_only":
      return goOn(media.open("audio"));
    case "text_only":
      return goOn(media.open("text"));
  }
}
