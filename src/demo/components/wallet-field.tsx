import { useEffect, useState } from "preact/hooks";
import { loadNwc, WebLnWallet } from "@satoshigle/client/wallets";
import type { Tipping } from "../use-tips.js";
import type { WalletChoice } from "../wallets.js";
import { say } from "../say.js";
import { AddressForm } from "./address-form.js";
import { ConnectionForm } from "./connection-form.js";
import { WalletAuthorization } from "./wallet-authorization.js";

const kinds: readonly WalletChoice["kind"][] = ["browser", "nwc", "address", "none"];

/** Selects the wallet that creates and pays invoices. */
export function WalletField({ tipping }: { tipping: Tipping }) {
  const { wallet, choose, disconnect } = tipping;
  const [kind, setKind] = useState(wallet.kind);
  const offered = kinds.filter((id) => id !== "browser" || WebLnWallet.ofBrowser());
  useEffect(() => setKind(wallet.kind), [wallet]);
  // A browser opens a window soon after a click only, so the code must be there by then.
  useEffect(() => {
    if (kind === "nwc") loadNwc().catch(() => undefined);
  }, [kind]);

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
                if (id === "browser" || id === "none") choose({ kind: id }, true);
              }}
            />
            {say(`wallet.${id}`)}
          </label>
        ))}
      </fieldset>
      {kind === "nwc" && wallet.kind !== "nwc" && <WalletAuthorization choose={choose} />}
      {kind === "nwc" && <ConnectionForm wallet={wallet} choose={choose} />}
      {kind === "address" && <AddressForm wallet={wallet} choose={choose} />}
      {kind === wallet.kind && (kind === "nwc" || kind === "address") && (
        <div class="wallet-end">
          <button type="button" class="button" data-testid="wallet-disconnect" onClick={disconnect}>
            {say("wallet.disconnect")}
          </button>
          {kind === "nwc" && <p class="help">{say("wallet.disconnect.help")}</p>}
        </div>
      )}
    </details>
  );
}
