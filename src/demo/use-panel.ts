import { useEffect, useRef, useState } from "preact/hooks";
import type { ClientView } from "./use-client.js";
import { useWide } from "./use-wide.js";

export type Tab = "meet" | "chat";

/** The panel beside the stage, or a sheet over it on a narrow page. */
export interface PanelView {
  tab: Tab;
  show: (tab: Tab) => void;
  /** Whether the panel is always visible beside the stage. */
  wide: boolean;
  /** Whether the sheet is open; false while `wide`. */
  open: boolean;
  close: () => void;
  /** Whether the chat is in sight. */
  reading: boolean;
  /** Unread messages from the partner. */
  unreadCount: number;
}

/** Shows the chat during a match and the preferences otherwise. Does not switch while the panel has focus. */
export function usePanel(view: ClientView): PanelView {
  const wide = useWide();
  const [tab, setTab] = useState<Tab>("meet");
  const [sheetOpen, setSheetOpen] = useState(false);
  const [hidden, setHidden] = useState(document.hidden);
  const seenCount = useRef(0);
  const matched = view.state.activity.phase === "matched";
  const open = sheetOpen && !wide;
  const reading = tab === "chat" && (wide || sheetOpen) && !hidden;
  const receivedCount = matched ? view.chat.receivedCount : 0;
  if (reading || receivedCount < seenCount.current) seenCount.current = receivedCount;

  useEffect(() => {
    if (!document.activeElement?.closest(".panel")) setTab(matched ? "chat" : "meet");
  }, [matched]);

  useEffect(() => {
    const update = () => setHidden(document.hidden);
    document.addEventListener("visibilitychange", update);
    return () => document.removeEventListener("visibilitychange", update);
  }, []);

  const close = () => {
    setSheetOpen(false);
    document.querySelector<HTMLElement>("[data-opens=panel]")?.focus();
  };
  const show = (wanted: Tab) => {
    setTab(wanted);
    setSheetOpen(true);
  };
  return { tab, show, wide, open, close, reading, unreadCount: receivedCount - seenCount.current };
}
