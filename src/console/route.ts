import { useEffect, useState } from "preact/hooks";

export const VIEWS = [
  "status",
  "cases",
  "actions",
  "bans",
  "appeals",
  "people",
  "sessions",
  "matches",
  "lightning",
  "deposits",
  "payments",
  "audit",
  "webhooks",
] as const;
export type View = (typeof VIEWS)[number];

/** A view and what it is limited to. It is in the part of the address after `#`, which is not sent to the server. */
export interface Route {
  view: View;
  /** What is shown of the view, such as the ID of a case; empty for all. */
  item: string;
  query: URLSearchParams;
}

/** Unknown views lead to the status. */
export function parseRoute(hash: string): Route {
  const [, path = "", item = "", search = ""] = /^#?\/?([^?/]*)\/?([^?]*)\??(.*)$/s.exec(hash) ?? [];
  return { view: VIEWS.find((view) => view === path) ?? "status", item, query: new URLSearchParams(search) };
}

/** The address of a view. Empty parameters are left out. */
export function hrefTo(view: View, parameters: Readonly<Record<string, string>> = {}, item = ""): string {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== "")).toString();
  return `#/${view}${item === "" ? "" : `/${item}`}${query === "" ? "" : `?${query}`}`;
}

/** Navigates to a view, or reloads it if it is already shown. */
export function goTo(href: string, reload: () => void): void {
  if (location.hash === href) reload();
  else location.hash = href;
}

/** The current route. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => {
      removeEventListener("hashchange", follow);
    };
  }, []);
  return parseRoute(hash);
}
