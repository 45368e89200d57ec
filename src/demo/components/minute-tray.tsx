import { useState } from "preact/hooks";
import type { TipTerms } from "@satoshigle/client";
import { describeGiven, describeReceived } from "../minute-words.js";
import { say } from "../say.js";
import { explainTipError } from "../tip-words.js";
import { parseSats } from "../tips.js";
import type { MinutesControls } from "../use-minutes.js";
import { useWide } from "../use-wide.js";
import { Icon } from "./icon.js";

interface Props {
  minutes: MinutesControls;
  terms: TipTerms;
  /** Whether a wallet pays automatically. */
  pays: boolean;
}

/** The prices per minute of the call: what each side asks, and what was paid. */
export function MinuteTray({ minutes, terms, pays }: Props) {
  const { view } = minutes;
  if (!view) return null;
  const [given, received] = [describeGiven(view.partnerMsat, view.given), describeReceived(view)];
  if (given === "" && received === "") return null;
  const isPaying = view.given !== null && view.given.end === undefined;
  return (
    <section class="minute-tray" data-testid="minutes" aria-label={say("minutes.label")}>
      {given !== "" && (
        <p class="minute-line" role="status" data-testid="minutes-given" data-end={view.given?.end ?? ""}>
          <Icon name="bolt" /> <span>{given}</span>
        </p>
      )}
      {isPaying && (
        <button type="button" class="button" data-testid="minutes-stop" onClick={minutes.stop}>
          {say("minutes.stop")}
        </button>
      )}
      {!isPaying && view.partnerMsat > 0 && <MinuteOffer minutes={minutes} terms={terms} pays={pays} />}
      {received !== "" && (
        <p class="minute-line" role="status" data-testid="minutes-received" data-end={view.received?.end ?? ""}>
          <Icon name="bolt" /> <span>{received}</span>
        </p>
      )}
      {view.ownMsat > 0 && (
        <button type="button" class="button" data-testid="minutes-waive" onClick={minutes.waive}>
          {say("minutes.waive")}
        </button>
      )}
    </section>
  );
}

function MinuteOffer({ minutes, terms, pays }: Props) {
  const [budget, setBudget] = useState("500");
  const [problem, setProblem] = useState<string>();
  const wide = useWide();

  async function agree(): Promise<void> {
    const parsed = parseSats(budget, { ...terms, minMsat: minutes.view?.partnerMsat ?? terms.minMsat });
    if ("problem" in parsed) {
      setProblem(parsed.problem);
      return;
    }
    setProblem(undefined);
    await minutes.accept(parsed.amountMsat).catch((error: unknown) => setProblem(explainTipError(error)));
  }

  return (
    <details class="minute-more" open={wide}>
      <summary data-testid="minutes-more">{say("minutes.more")}</summary>
      <form
        class="minute-offer"
        onSubmit={(event) => {
          event.preventDefault();
          void agree();
        }}
      >
        <p class="help">{pays ? say("minutes.how") : say("tip.stream.needsWallet")}</p>
        <label class="label">
          {say("tip.stream.budget")}
          <input
            class="field"
            data-testid="minutes-budget"
            inputMode="numeric"
            autocomplete="off"
            disabled={!pays}
            value={budget}
            onInput={(event) => setBudget(event.currentTarget.value)}
          />
        </label>
        {problem && (
          <p class="form-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button button-strong" data-testid="minutes-agree" disabled={!pays}>
          {say("minutes.agree")}
        </button>
      </form>
    </details>
  );
}
