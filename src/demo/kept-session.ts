import type { ClientOptions } from "@satoshigle/client";
import type { MediaMode } from "./media.js";

const PREFIX = "satoshigle.session:";
const LEFT_KEY = "satoshigle.left";
const MODE_KEY = "satoshigle.mode";
/** How long after leaving the page a reload resumes the session. Matches the server's default resume window. */
const WINDOW_MS = 60_000;

/** Storage for the client's session, with a key prefix that this page can recognize. */
export function keepSession(storage: Storage | null): NonNullable<ClientOptions["storage"]> | null {
  if (storage === null) return null;
  return {
    getItem: (key) => storage.getItem(PREFIX + key),
    setItem: (key, value) => storage.setItem(PREFIX + key, value),
    removeItem: (key) => storage.removeItem(PREFIX + key),
  };
}

/** Records when the page was left. It may be a reload. */
export function noteLeaving(storage: Storage | null, nowMs: number): void {
  try {
    storage?.setItem(LEFT_KEY, String(nowMs));
  } catch {
    // Storage is full: a reload starts a new session.
  }
}

/** The page was not left after all. */
export function noteReturn(storage: Storage | null): void {
  storage?.removeItem(LEFT_KEY);
}

/**
 * Whether there is a session to resume. Sessions not left within the window are deleted: a tab restored the next day
 * must not turn on the camera, and a duplicated tab must not take over the session of the original.
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

/** Stores the media mode for a reload. */
export function keepMode(storage: Storage | null, mode: MediaMode): void {
  try {
    storage?.setItem(MODE_KEY, mode);
  } catch {
    // Storage is full: a reload asks for the camera.
  }
}

export function recallMode(storage: Storage | null): MediaMode {
  const kept = storage?.getItem(MODE_KEY);
  return kept === "audio" || kept === "text" ? kept : "video";
}

function listKeys(storage: Storage): string[] {
  return Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? "");
}

/** The session storage, or null if the browser blocks it. */
export function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Storage that outlives the tab, for unfinished tips and choices; null if the browser blocks it. */
export function lastingStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
