import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { ActionsPage } from "./actions/actions-page.js";
import { AppealsPage } from "./appeals/appeals-page.js";
import { AuditPage } from "./audit/audit-page.js";
import { BansPage } from "./bans/bans-page.js";
import { CasePage } from "./cases/case-page.js";
import { CasesPage } from "./cases/cases-page.js";
import type { Clients } from "./clients.js";
import { DepositsPage } from "./deposits/deposits-page.js";
import { KeyContext, useKeyInMemory } from "./evidence/key.js";
import { KeyBadge } from "./evidence/key-badge.js";
import { LightningPage } from "./lightning/lightning-page.js";
import { MatchesPage } from "./matches/matches-page.js";
import { Badge } from "./operator/badge.js";
import { OperatorContext, useIdentity } from "./operator/operator.js";
import { PaymentsPage } from "./payments/payments-page.js";
import { PeoplePage } from "./people/people-page.js";
import { hrefTo, type Route, useRoute, type View, VIEWS } from "./route.js";
import { SessionsPage } from "./sessions/sessions-page.js";
import { StatusPage } from "./status/status-page.js";
import { WebhooksPage } from "./webhooks/webhooks-page.js";

const titles: Record<View, string> = {
  status: "Status",
  cases: "Cases",
  actions: "Actions",
  bans: "Bans",
  appeals: "Appeals",
  people: "People",
  sessions: "Sessions",
  matches: "Matches",
  lightning: "Lightning",
  deposits: "Deposits",
  payments: "Payments",
  audit: "Audit",
  webhooks: "Webhooks",
};

/** The navigation, who the operator is, and the current view. Each view has its own folder. */
export function Shell({ clients }: { clients: Clients }) {
  const route = useRoute();
  const { view, item, query } = route;
  const { operator, problem, askAgain } = useIdentity(clients);
  const key = useKeyInMemory();
  const place = `${view}/${item}?${query.toString()}`;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    document.title = item === "" ? `Satoshigle ${view}` : `Satoshigle ${view} ${item}`;
    // The link that was followed may be gone: the keyboard and screen readers continue at the new content.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [place]);
  return (
    <OperatorContext.Provider value={operator}>
      <KeyContext.Provider value={key}>
        <header class="top">
          <p class="brand">Satoshigle</p>
          <nav class="views" aria-label="Views">
            {VIEWS.map((name) => (
              <a key={name} href={hrefTo(name)} aria-current={name === view ? "page" : undefined}>
                {titles[name]}
              </a>
            ))}
          </nav>
          <KeyBadge />
          <Badge operator={operator} problem={problem} onName={askAgain} />
        </header>
        <main ref={main} tabIndex={-1} aria-label={titles[view]}>
          <div key={place}>{contentOf(route, clients)}</div>
        </main>
      </KeyContext.Provider>
    </OperatorContext.Provider>
  );
}

function contentOf({ view, item, query }: Route, clients: Clients): ComponentChildren {
  const { monitoring, admin, moderation } = clients;
  switch (view) {
    case "status":
      return <StatusPage client={monitoring} />;
    case "cases":
      return item === "" ? <CasesPage {...clients} query={query} /> : <CasePage {...clients} caseId={item} />;
    case "actions":
      return <ActionsPage actions={clients.actions} query={query} />;
    case "bans":
      return <BansPage moderation={moderation} />;
    case "appeals":
      return <AppealsPage moderation={moderation} query={query} />;
    case "people":
      return <PeoplePage {...clients} query={query} />;
    case "sessions":
      return <SessionsPage admin={admin} moderation={moderation} query={query} />;
    case "matches":
      return <MatchesPage admin={admin} query={query} />;
    case "lightning":
      return <LightningPage {...clients} />;
    case "deposits":
      return <DepositsPage deposits={clients.deposits} />;
    case "payments":
      return <PaymentsPage payments={clients.payments} />;
    case "audit":
      return <AuditPage moderation={moderation} query={query} />;
    case "webhooks":
      return <WebhooksPage client={monitoring} />;
  }
}
