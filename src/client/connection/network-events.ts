/**
 * Calls `wake` when the network is back or the page becomes visible, because waiting for a retry makes no sense then.
 * (The stream's own clock notices the end of a sleep.) Calls `suspend` when the page is being closed, reloaded or cached;
 * not when it is hidden. Returns a function that removes the listeners.
 */
export function watchNetwork(wake: (networkChanged: boolean) => void, suspend: () => void): () => void {
  const target = globalThis as Partial<Pick<Window, "addEventListener" | "removeEventListener" | "document">>;
  const onOnline = (): void => wake(true);
  const onPageShow = (event: Event): void => wake((event as PageTransitionEvent).persisted);
  const onVisibilityChange = (): void => {
    if (target.document?.visibilityState === "visible") wake(false);
  };
  target.addEventListener?.("online", onOnline);
  target.addEventListener?.("pageshow", onPageShow);
  target.addEventListener?.("pagehide", suspend);
  target.document?.addEventListener("visibilitychange", onVisibilityChange);
  return () => {
    target.removeEventListener?.("online", onOnline);
    target.removeEventListener?.("pageshow", onPageShow);
    target.removeEventListener?.("pagehide", suspend);
    target.document?.removeEventListener("visibilitychange", onVisibilityChange);
  };
}
