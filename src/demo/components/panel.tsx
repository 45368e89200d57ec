import type { EvidencePolicy, SatoshigleClient } from "@satoshigle/client";
import type { Choice } from "../preferences.js";
import type { ClientView } from "../use-client.js";
import type { PanelView, Tab } from "../use-panel.js";
import { formatNumber, type Key, say } from "../say.js";
import { Chat } from "./chat.js";
import { Icon } from "./icon.js";
import { Meet } from "./meet.js";

interface Props {
  client: SatoshigleClient;
  view: ClientView;
  panel: PanelView;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  evidence: EvidencePolicy;
}

const tabs: readonly { id: Tab; name: Key }[] = [
  { id: "meet", name: "meet.title" },
  { id: "chat", name: "chat.label" },
];

/** Chat and preferences, beside the stage or as a sheet over it. */
export function Panel({ client, view, panel, choice, onChoice, evidence }: Props) {
  const shown = panel.wide || panel.open;
  const moveTo = (tab: Tab) => {
    panel.show(tab);
    document.getElementById(`tab-${tab}`)?.focus();
  };
  return (
    <aside
      class="panel"
      data-open={shown}
      inert={!shown}
      aria-label={say("panel.label")}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !panel.open) return;
        event.preventDefault();
        panel.close();
      }}
    >
      <div class="panel-top">
        <div
          class="tabs"
          role="tablist"
          onKeyDown={(event) => {
            if (event.key === "ArrowRight" || event.key === "ArrowLeft") moveTo(panel.tab === "chat" ? "meet" : "chat");
          }}
        >
          {tabs.map(({ id, name }) => (
            <button
              key={id}
              type="button"
              role="tab"
              id={`tab-${id}`}
              class="tab"
              data-testid={`tab-${id}`}
              aria-selected={panel.tab === id}
              aria-controls={`panel-${id}`}
              tabIndex={panel.tab === id ? 0 : -1}
              onClick={() => panel.show(id)}
            >
              {say(name)}
              {id === "chat" && panel.unreadCount > 0 && <span class="badge">{formatNumber(panel.unreadCount)}</span>}
            </button>
          ))}
        </div>
        {!panel.wide && (
          <button type="button" class="tool" aria-label={say("close")} onClick={panel.close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <div class="panel-body" role="tabpanel" id="panel-meet" aria-labelledby="tab-meet" hidden={panel.tab !== "meet"}>
        <Meet
          choice={choice}
          onChoice={onChoice}
          inMatch={view.state.activity.phase === "matched"}
          attributes={view.state.attributes}
          evidence={evidence}
          terms={view.state.tips}
        />
      </div>
      <div class="panel-body" role="tabpanel" id="panel-chat" aria-labelledby="tab-chat" hidden={panel.tab !== "chat"}>
        <Chat client={client} view={view} reading={panel.reading} evidence={evidence} />
      </div>
    </aside>
  );
}
