import { useState } from "preact/hooks";
import { NwcWallet, WebLnWallet } from "@satoshigle/client/wallets";
import type { Tipping } from "../use-tips.js";
import type { WalletChoice } from "../wallets.js";

const kinds: readonly { id: WalletChoice["kind"]; name: string }[] = [
  { id: "browser", name: "My browser wallet" },
  { id: "nwc", name: "My wallet, with Nostr Wallet Connect" },
  { id: "none", name: "No wallet: scan, copy and paste" },
];

/** Selects the wallet that creates and pays invoices. */
export function WalletField({ tipping }: { tipping: Tipping }) {
  const { wallet, choose } = tipping;
  const [kind, setKind] = useState(wallet.kind);
  const [connection, setConnection] = useState(wallet.kind === "nwc" ? wallet.connection : "");
  const [keep, setKeep] = useState(false);
  const [problem, setProblem] = useState<string>();
  const offered = kinds.filter(({ id }) => id !== "browser" || WebLnWallet.ofBrowser());

  function connect(event: Event): void {
    event.preventDefault();
    const accepted = NwcWallet.accepts(connection.trim());
    setProblem(accepted ? undefined : "This is not a connection string. It must start with nostr+walletconnect://");
    if (accepted) choose({ kind: "nwc", connection: connection.trim() }, keep);
  }

  return (
    <details class="tip-wallet" data-testid="tip-wallet">
      <summary>Wallet: {kinds.find(({ id }) => id === wallet.kind)?.name}</summary>
      <fieldset class="reasons">
        <legend class="visually-hidden">Wallet</legend>
        {offered.map(({ id, name }) => (
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
            {name}
          </label>
        ))}
      </fieldset>
      {kind === "nwc" && (
        <form class="tip-form" onSubmit={connect}>
          <label class="label" for="wallet-connection">
            Connection string <span class="help">Give it a small budget: anyone who has this string can spend it.</span>
          </label>
          <input
            id="wallet-connection"
            class="field"
            type="password"
            data-testid="wallet-connection"
            autocomplete="off"
            placeholder="nostr+walletconnect://…"
            value={connection}
            onInput={(event) => setConnection(event.currentTarget.value)}
          />
          <label class="reason">
            <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
            Remember it on this device
          </label>
          {problem && (
            <p class="form-problem" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" class="button" data-testid="wallet-connect">
            {wallet.kind === "nwc" && wallet.connection === connection.trim() ? "Connected" : "Connect"}
          </button>
        </form>
      )}
    </details>
  );
}
