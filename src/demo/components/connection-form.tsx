import { useState } from "preact/hooks";
import { recognizePasted } from "@satoshigle/client/wallets";
import type { Tipping } from "../use-tips.js";
import type { WalletChoice } from "../wallets.js";
import { say } from "../say.js";
import { WalletMemory } from "./wallet-memory.js";

const CONNECTION_START = "nostr+walletconnect://";

/** Takes a connection string, as wallets show it. */
export function ConnectionForm({ wallet, choose }: { wallet: WalletChoice; choose: Tipping["choose"] }) {
  const [text, setText] = useState(wallet.kind === "nwc" ? wallet.connection : "");
  const [keep, setKeep] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function connect(): Promise<void> {
    const pasted = await recognizePasted(text).catch(() => undefined);
    const accepted = pasted?.kind === "connection";
    setProblem(accepted ? undefined : say("wallet.connection.wrong", { start: CONNECTION_START }));
    if (accepted) choose({ kind: "nwc", connection: pasted.connection }, keep);
  }

  return (
    <form
      class="tip-form"
      onSubmit={(event) => {
        event.preventDefault();
        void connect();
      }}
    >
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
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <WalletMemory keep={keep} onChange={setKeep} />
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="button" data-testid="wallet-connect">
        {wallet.kind === "nwc" && wallet.connection === text.trim() ? say("wallet.connected") : say("wallet.connect")}
      </button>
    </form>
  );
}
