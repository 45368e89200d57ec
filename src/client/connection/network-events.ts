/** The part of the Network Information API that tells networks apart, where browsers have it. */
type NetworkInformation = EventTarget & { type?: string };

/** Whether the browser knows that there is no network. */
export function isOffline(): boolean {
  return (globalThis as { navigator?: Partial<Navigator> }).navigator?.onLine === false;
}

/**
 * Calls `wake` when the network is back or another one, or the page becomes visible, because waiting for a retry makes no
 * sense then. (The stream's own clock notices the end of a sleep.) Calls `suspend` when the page is being closed, reloaded
 * or cached; not when it is hidden. Returns a function that removes the listeners.
 */
export function watchNetwork(wake: (networkChanged: boolean) => void, suspend: () => void): () => void {
  const target = globalThis as Partial<Pick<Window, "addEventListener" | "document">> & {
    navigator?: { connection?: NetworkInformation };
  };
  const connection = target.navigator?.connection;
  let type = connection?.type;
  // The event also reports estimates of the speed, which change all the time.
  const onChange = (): void => {
    if (connection?.type === type) return;
    type = connection?.type;
    if (!isOffline()) wake(true);
  };
  const onOnline = (): void => wake(true);
  const onPageShow = (event: Event): void => wake((event as PageTransitionEvent).persisted);
  const onVisibilityChange = (): void => {
    if (target.document?.visibilityState === "visible") wake(false);
  };
  const listening = new AbortController();
  const { signal } = listening;
  connection?.addEventListener("change", onChange, { signal });
  target.addEventListener?.("online", onOnline, { signal });
  target.addEventListener?.("pageshow", onPageShow, { signal });
  target.addEventListener?.("pagehide", suspend, { signal });
  target.document?.addEventListener("visibilitychange", onVisibilityChange, { signal });
  return () => listening.abort();
}
