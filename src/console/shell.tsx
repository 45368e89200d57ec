import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { BansPage } from "./bans/bans-page.js";
import type { Clients } from "./clients.js";
import { MatchesPage } from "./matches/matches-page.js";
import { hrefTo, type Route, useRoute, type View, VIEWS } from "./route.js";
import { SessionsPage } from "./sessions/sessions-page.js";
import { StatusPage } from "./status/status-page.js";
import { WebhooksPage } from "./webhooks/webhooks-page.js";

const titles: Record<View, string> = {
  status: "Status",
  sessions: "Sessions",
  matches: "Matches",
  bans: "Bans",
  webhooks: "Webhooks",
};

/** The navigation, and the current view. Each view has its own folder. */
export function Shell({ clients }: { clients: Clients }) {
  const { view, query } = useRoute();
  const place = `${view}?${query.toString()}`;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    document.title = `Satoshigle ${view}`;
    // The link that was followed may be gone: the keyboard and screen readers continue at the new content.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [place]);
  return (
    <>
      <header class="top">
        <p class="brand">Satoshigle</p>
        <nav class="views" aria-label="Views">
          {VIEWS.map((name) => (
            <a key={name} href={hrefTo(name)} aria-current={name === view ? "page" : undefined}>
              {titles[name]}
            </a>
          ))}
        </nav>
      </header>
      <main ref={main} tabIndex={-1} aria-label={titles[view]}>
        <div key={place}>{contentOf({ view, query }, clients)}</div>
      </main>
    </>
  );
}

function contentOf({ view, query }: Route, { monitoring, admin, moderation }: Clients): ComponentChildren {
  switch (view) {
    case "status":
      return <StatusPage client={monitoring} />;
    case "sessions":
      return <SessionsPage admin={admin} moderation={moderation} query={query} />;
    case "matches":
      return <MatchesPage admin={admin} query={query} />;
    case "bans":
      return <BansPage moderation={moderation} />;
    case "webhooks":
      return <WebhooksPage client={monitoring} />;
  }
}
