import { useState } from "preact/hooks";
import type { TipTerms } from "@satoshigle/client";
import { say } from "../say.js";
import { parseSats } from "../tips.js";

interface Props {
  priceMsat: number;
  terms: TipTerms;
  onChange: (priceMsat: number) => void;
}

/** What to ask a partner for each minute. */
export function PriceField({ priceMsat, terms, onChange }: Props) {
  const [typed, setTyped] = useState(priceMsat > 0 ? String(priceMsat / 1_000) : "");
  const [problem, setProblem] = useState<string>();

  function change(text: string): void {
    setTyped(text);
    const parsed = text.trim() === "" ? { amountMsat: 0 } : parseSats(text, terms);
    setProblem("problem" in parsed ? parsed.problem : undefined);
    onChange("problem" in parsed ? 0 : parsed.amountMsat);
  }

  return (
    <div class="price-field">
      <label class="label" for="price">
        {say("meet.price")}
      </label>
      <p class="help" id="price-help">
        {say("meet.price.help")}
      </p>
      <input
        id="price"
        class="field"
        data-testid="price"
        aria-describedby="price-help"
        inputMode="numeric"
        autocomplete="off"
        value={typed}
        onInput={(event) => change(event.currentTarget.value)}
      />
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
