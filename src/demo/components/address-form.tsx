import { useState } from "preact/hooks";
import type { Tipping } from "../use-tips.js";
import type { WalletChoice } from "../wallets.js";
import { readPasted } from "../pasted.js";
import { say } from "../say.js";
import { explainTipError } from "../tip-words.js";
import { WalletMemory } from "./wallet-memory.js";

/** Takes a lightning address or LNURL to be paid at. */
export function AddressForm({ wallet, choose }: { wallet: WalletChoice; choose: Tipping["choose"] }) {
  const chosen = wallet.kind === "address" ? wallet.address : "";
  const [text, setText] = useState(chosen);
  const [keep, setKeep] = useState(true);
  const [problem, setProblem] = useState<string>();
  const [checking, setChecking] = useState(false);

  async function use(): Promise<void> {
    setChecking(true);
    setProblem(undefined);
    try {
      const answer = await readPasted(text);
      if ("address" in answer) {
        setText(answer.address);
        choose({ kind: "address", address: answer.address }, keep);
      } else {
        setProblem("problem" in answer ? answer.problem : say("pasted.unknown"));
      }
    } catch (error) {
      setProblem(explainTipError(error));
    }
    setChecking(false);
  }

  return (
    <form
      class="tip-form"
      onSubmit={(event) => {
        event.preventDefault();
        void use();
      }}
    >
      <label class="label" for="wallet-address-text">
        {say("wallet.address.label")} <span class="help">{say("wallet.address.help")}</span>
      </label>
      <input
        id="wallet-address-text"
        class="field"
        dir="ltr"
        inputMode="email"
        data-testid="wallet-address-text"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <WalletMemory keep={keep} onChange={setKeep} />
      {problem && (
        <p class="form-problem" role="alert" data-testid="wallet-problem">
          {problem}
        </p>
      )}
      <button type="submit" class="button" data-testid="wallet-use" disabled={checking || !text.trim()}>
        {chosen !== "" && chosen === text ? say("wallet.connected") : say("wallet.address.use")}
      </button>
    </form>
  );
}
