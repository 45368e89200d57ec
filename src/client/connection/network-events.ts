/**
 * Tells when waiting makes no sense any more: the network came back, the page is looked at again. (The end of a sleep
 * shows in the stream's own clock.) Returns what removes the listeners.
 */
export function watchNetwork(wake: (networkChanged: boolean) => void): () => void {
  const target = globalThis as Partial<Pick<Window, "addEventListener" | "removeEventListener" | "document">>;
  const online = (): void => wake(true);
  const shown = (event: Event): void => wake((event as PageTransitionEvent).persisted);
  const visible = (): void => {
    if (target.document?.visibilityState === "visible") wake(false);
  };
  target.addEventListener?.("online", online);
  target.addEventListener?.("pageshow", shown);
  target.document?.addEventListener("visibilitychange", visible);
  return () => {
    target.removeEventListener?.("online", online);
    target.removeEventListener?.("pageshow", shown);
    target.document?.removeEventListener("visibilitychange", visible);
  };
}
