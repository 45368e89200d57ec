import { useEffect, useRef, useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { areDevicesPermitted } from "./device-permission.js";
import type { LocalMedia } from "./local-media.js";
import { modeOf } from "./media.js";
import { isTextSession } from "./mode-limit.js";
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
  /** Dismisses a device error, and cancels the start that waited for the devices. */
  dismiss: () => void;
  /** Runs the action of a problem's button. */
  heal: (remedy: Remedy) => Promise<void>;
}

/** Combines the client, the devices and the preferences. */
export function useCall(client: SatoshigleClient, view: ClientView, media: LocalMedia, choice: Choice): Call {
  const [starting, setStarting] = useState(false);
  /** Start was pressed but the devices failed. Continuing without them starts the search. */
  const startWished = useRef(false);
  const { phase } = view.state.activity;
  const search = useSearch(client, choice, () => modeOf(media.state), phase === "waiting", view.fail);

  function dismiss(): void {
    startWished.current = false;
    view.fail(null);
    media.dismissFailure();
  }

  const attempt = (act: () => Promise<void>) => {
    dismiss();
    return act().catch(view.fail);
  };

  async function start(): Promise<void> {
    // Without WebRTC, do not ask for a camera that no call could use.
    if (starting || phase !== "idle" || !canCall(view)) return;
    setStarting(true);
    view.begin();
    dismiss();
    const begin = () => search.begin().catch(view.fail);
    const opened = media.state.mode !== null ? "opened" : await openMeanwhile(media, client, begin);
    setStarting(false);
    if (opened === "opened") await begin();
    else if (opened === "failed") startWished.current = true;
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
  useTextOnly(isTextSession(view.state) && !starting, () => void goOn(media.open("text")));
  const ways = { start, next, goOn, useHere: () => attempt(() => client.connect()), media };
  return { starting, start, next, stop, dismiss, heal: (remedy) => heal(remedy, ways) };
}

/** Continues without devices in a text-only session. The server may report the restriction before or after they fail. */
function useTextOnly(isText: boolean, goOn: () => void): void {
  useEffect(() => {
    if (isText) goOn();
  }, [isText]);
}

/**
 * Opens camera and microphone, and meanwhile the connection to the server. If they are already permitted, the search
 * begins meanwhile, too, and ends if they fail.
 */
async function openMeanwhile(
  media: LocalMedia,
  client: SatoshigleClient,
  begin: () => Promise<void>,
): Promise<"opened" | "searching" | "failed"> {
  const opening = media.open("video");
  const searches = (await areDevicesPermitted()) && media.state.failure === null;
  if (searches) void begin();
  else void client.connect().catch(() => undefined); // the search reports why it failed
  if (await opening) return searches ? "searching" : "opened";
  if (searches) await client.stop().catch(() => undefined); // the next snapshot shows it
  return "failed";
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

/** Says so if this browser cannot make calls. */
function canCall(view: ClientView): boolean {
  const obstacle = findObstacle();
  if (obstacle !== null) view.fail(obstacle.error);
  return obstacle === null;
}
