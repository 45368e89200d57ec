import { useState } from "preact/hooks";
import type { TipTerms } from "@satoshigle/client";
import { parseSats } from "../tips.js";
import type { Tipping } from "../use-tips.js";
import { say } from "../say.js";

/** Streams small tips up to a budget. Needs a wallet that pays automatically. */
export function SatsByTheMinute({ tipping, terms }: { tipping: Tipping; terms: TipTerms }) {
  const [rate, setRate] = useState("21");
  const [budget, setBudget] = useState("500");
  const [problem, setProblem] = useState<string>();
  const { streaming, pays, streamNote } = tipping;

  function toggle(): void {
    setProblem(undefined);
    if (streaming) {
      tipping.stopStream();
      return;
    }
    const [perMinute, most] = [parseSats(rate, terms), parseSats(budget, terms)];
    if ("problem" in perMinute) setProblem(perMinute.problem);
    else if ("problem" in most) setProblem(most.problem);
    else tipping.startStream(perMinute.amountMsat, most.amountMsat);
  }

  return (
    <div class="tip-stream">
      <label class="switch-row">
        <span>
          <span class="label">{say("tip.stream")}</span>
          <span class="help">{pays ? say("tip.stream.help") : say("tip.stream.needsWallet")}</span>
        </span>
        <input
          type="checkbox"
          role="switch"
          class="switch"
          data-testid="tip-stream"
          checked={streaming}
          disabled={!pays}
          onChange={toggle}
        />
      </label>
      <div class="tip-pair">
        <label class="label">
          {say("tip.stream.rate")}
          <input
            class="field"
            data-testid="tip-rate"
            inputMode="numeric"
            autocomplete="off"
            disabled={streaming || !pays}
            value={rate}
            onInput={(event) => setRate(event.currentTarget.value)}
          />
        </label>
        <label class="label">
          {say("tip.stream.budget")}
          <input
            class="field"
            data-testid="tip-budget"
            inputMode="numeric"
            autocomplete="off"
            disabled={streaming || !pays}
            value={budget}
            onInput={(event) => setBudget(event.currentTarget.value)}
          />
        </label>
      </div>
      {(problem ?? streamNote) && (
        <p class="help" role="status">
          {problem ?? streamNote}
        </p>
      )}
    </div>
  );
}
