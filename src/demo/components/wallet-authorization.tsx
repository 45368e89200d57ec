import { useState } from "preact/hooks";
import { authorizeNwc } from "@satoshigle/client/wallets";
import type { Tipping } from "../use-tips.js";
import { say } from "../say.js";

/** The page of Alby Hub at which it connects apps. People with a hub of their own enter its address. */
const USUAL_PAGE = "https://my.albyhub.com/apps/new";
const USUAL_BUDGET_SATS = 5_000;

/** Connects a wallet by its own page, in which the person agrees. */
export function WalletAuthorization({ choose }: { choose: Tipping["choose"] }) {
  const [page, setPage] = useState(USUAL_PAGE);
  const [budget, setBudget] = useState(String(USUAL_BUDGET_SATS));
  const [failed, setFailed] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const sats = Number(budget);

  async function connect(): Promise<void> {
    setFailed(false);
    setWaiting(true);
    try {
      const wish = { page: page.trim(), name: "Satoshigle", monthlyBudgetMsat: sats * 1_000 };
      choose({ kind: "nwc", connection: await authorizeNwc(wish) }, true);
    } catch {
      setFailed(true);
    }
    setWaiting(false);
  }

  return (
    <form
      class="tip-form"
      onSubmit={(event) => {
        event.preventDefault();
        void connect();
      }}
    >
      <label class="label">
        {say("wallet.authorize.page")}
        <input
          class="field"
          dir="ltr"
          inputMode="url"
          data-testid="wallet-page"
          autocomplete="off"
          value={page}
          onInput={(event) => setPage(event.currentTarget.value)}
        />
      </label>
      <label class="label">
        {say("wallet.authorize.budget")} <span class="help">{say("wallet.authorize.budget.help")}</span>
        <input
          class="field"
          inputMode="numeric"
          data-testid="wallet-budget"
          autocomplete="off"
          value={budget}
          onInput={(event) => setBudget(event.currentTarget.value)}
        />
      </label>
      {failed && (
        <p class="form-problem" role="alert" data-testid="wallet-problem">
          {say("wallet.authorize.failed")}
        </p>
      )}
      <button
        type="submit"
        class="button button-strong"
        data-testid="wallet-authorize"
        disabled={waiting || !Number.isSafeInteger(sats) || sats <= 0}
      >
        {say("wallet.authorize")}
      </button>
    </form>
  );
}
