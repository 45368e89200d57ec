"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import type { ClientOptions, SatoshigleClient } from "../types.js";
import { acquire, EMPTY_VIEW, release, type ClientView, type SharedClient } from "./shared-client.js";

/** Settings of the client. Only those of the first component that uses a URL count. */
export interface UseSatoshigleOptions extends ClientOptions {
  /**
   * Connect at once if the page was reloaded during a session, so that a call goes on. The page sets camera and
   * microphone again with `setMedia`. Default true.
   */
  resume?: boolean;
}

/** What `useSatoshigle` returns. */
export interface SatoshigleView extends ClientView {
  /** The client; `null` on a server and in the first render. It is closed when its last component is unmounted. */
  client: Omit<SatoshigleClient, "close"> | null;
  /** Clears `error`. */
  clearError: () => void;
}

/**
 * Returns the client for a server, and everything of it that a component renders. Components with the same URL share
 * one client: React's StrictMode and hot reloading do not end its call, and no second session is left behind.
 * @param url the address of the server, such as `https://chat.example.com`
 */
export function useSatoshigle(url: string, options: UseSatoshigleOptions = {}): SatoshigleView {
  const [shared, setShared] = useState<SharedClient | null>(null);
  useEffect(() => {
    setShared(acquire(url, options));
    return () => {
      setShared(null);
      release(url);
    };
  }, [url]);
  const view = useSyncExternalStore(
    shared?.subscribe ?? subscribeToNothing,
    shared?.getView ?? getEmptyView,
    getEmptyView,
  );
  return { ...view, client: shared?.client ?? null, clearError: shared?.clearError ?? doNothing };
}

const doNothing = (): void => undefined;
const subscribeToNothing = () => doNothing;
const getEmptyView = (): ClientView => EMPTY_VIEW;
