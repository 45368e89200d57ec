import { useState } from "preact/hooks";
import { NwcWallet, WebLnWallet } from "@satoshigle/client/wallets";
import type { Tipping } from "../use-tips.js";
import type { WalletChoice } from "../wallets.js";
import { say } from "../say.js";

const CONNECTION_START = "nostr+walletconnect://";
const kinds: readonly WalletChoice["kind"][] = ["browser", "nwc", "none"];

/** Selects the wallet that creates and pays invoices. */
export function WalletField({ tipping }: { tipping: Tipping }) {
  const { wallet, choose } = tipping;
  const [kind, setKind] = useState(wallet.kind);
  const [connection, setConnection] = useState(wallet.kind === "nwc" ? wallet.connection : "");
  const [keep, setKeep] = useState(false);
  const [problem, setProblem] = useState<string>();
  const offered = kinds.filter((id) => id !== "browser" || WebLnWallet.ofBrowser());

  function connect(event: Event): void {
    event.preventDefault();
    const accepted = NwcWallet.accepts(connection.trim());
    setProblem(accepted ? undefined : say("wallet.connection.wrong", { start: CONNECTION_START }));
    if (accepted) choose({ kind: "nwc", connection: connection.trim() }, keep);
  }

  return (
    <details class="tip-wallet" data-testid="tip-wallet">
      <summary>{say("wallet.chosen", { name: say(`wallet.${wallet.kind}`) })}</summary>
      <fieldset class="reasons">
        <legend class="visually-hidden">{say("wallet.label")}</legend>
        {offered.map((id) => (
          <label key={id} class="reason">
            <input
              type="radio"
              name="wallet"
              data-testid={`wallet-${id}`}
              checked={kind === id}
              onChange={() => {
                setKind(id);
                if (id !== "nwc") choose({ kind: id }, true);
              }}
            />
            {say(`wallet.${id}`)}
          </label>
        ))}
      </fieldset>
      {kind === "nwc" && (
        <form class="tip-form" onSubmit={connect}>
          <label class="label" for="wallet-connection">
            {say("wallet.connection")} <span class="help">{say("wallet.connection.help")}</span>
          </label>
          <input
            id="wallet-connection"
            class="field"
            type="password"
            data-testid="wallet-connection"
            autocomplete="off"
            placeholder={`${CONNECTION_START}…`}
            value={connection}
            onInput={(event) => setConnection(event.currentTarget.value)}
          />
          <label class="reason">
            <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
            {say("wallet.remember")}
          </label>
          {problem && (
            <p class="form-problem" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" class="button" data-testid="wallet-connect">
            {wallet.kind === "nwc" && wallet.connection === connection.trim()
              ? say("wallet.connected")
              : say("wallet.connect")}
          </button>
        </form>
      )}
    </details>
  );
}
