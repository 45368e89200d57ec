import type { ClientOptions } from "@satoshigle/client";
import type { MediaMode } from "./media.js";

const PREFIX = "satoshigle.session:";
const LEFT_KEY = "satoshigle.left";
const MODE_KEY = "satoshigle.mode";
/** How long after leaving the page a reload still goes back to where it was; the server's resume window by default. */
const WINDOW_MS = 60_000;

/** Where the client keeps its session, under names this page can recognize. */
export function keepSession(storage: Storage | null): NonNullable<ClientOptions["storage"]> | null {
  if (storage === null) return null;
  return {
    getItem: (key) => storage.getItem(PREFIX + key),
    setItem: (key, value) => storage.setItem(PREFIX + key, value),
    removeItem: (key) => storage.removeItem(PREFIX + key),
  };
}

/** The page goes away, perhaps to be loaded again. */
export function noteLeaving(storage: Storage | null, nowMs: number): void {
  try {
    storage?.setItem(LEFT_KEY, String(nowMs));
  } catch {
    // Storage is full: a reload then begins anew.
  }
}

/** The page stays after all. */
export function noteReturn(storage: Storage | null): void {
  storage?.removeItem(LEFT_KEY);
}

/**
 * Whether there is a session to go back to. One that was not left a moment ago is forgotten: a tab restored the next day
 * must not switch on the camera, and a duplicated tab must not take the session away from the first.
 */
export function hasKeptSession(storage: Storage | null, nowMs: number): boolean {
  if (storage === null) return false;
  const kept = listKeys(storage).filter((key) => key.startsWith(PREFIX));
  const leftMs = Number(storage.getItem(LEFT_KEY) ?? Number.NaN);
  storage.removeItem(LEFT_KEY);
  if (nowMs - leftMs < WINDOW_MS) return kept.length > 0;
  for (const key of kept) storage.removeItem(key);
  return false;
}

/** Camera, microphone or neither: what a reload goes back to. */
export function keepMode(storage: Storage | null, mode: MediaMode): void {
  try {
    storage?.setItem(MODE_KEY, mode);
  } catch {
    // Storage is full: a reload then asks for the camera.
  }
}

export function recallMode(storage: Storage | null): MediaMode {
  const kept = storage?.getItem(MODE_KEY);
  return kept === "audio" || kept === "text" ? kept : "video";
}

function listKeys(storage: Storage): string[] {
  return Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? "");
}

/** The tab's storage, or null when the browser refuses it. */
export function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Where unfinished tips survive a closed tab, or null when the browser refuses it. */
export function tipStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
