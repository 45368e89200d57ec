import { useState } from "preact/hooks";
import type { CheckResult, SatoshigleClient } from "@satoshigle/client";
import { describeCheck, describeVerdict } from "../check-words.js";
import { say } from "../say.js";

type Progress = { state: "idle" } | { state: "running" } | { state: "done"; result: CheckResult } | { state: "failed" };

/** Tests server, network, microphone and camera when the person asks for it. */
export function ConnectionCheck({ client }: { client: SatoshigleClient }) {
  const [progress, setProgress] = useState<Progress>({ state: "idle" });
  const run = async () => {
    setProgress({ state: "running" });
    try {
      setProgress({ state: "done", result: await client.check() });
    } catch {
      setProgress({ state: "failed" });
    }
  };
  return (
    <section class="check" aria-live="polite" data-testid="check">
      <button
        type="button"
        class="button"
        data-testid="check-start"
        disabled={progress.state === "running"}
        onClick={() => void run()}
      >
        {progress.state === "running" ? say("check.running") : say("check.start")}
      </button>
      {progress.state === "failed" && <p class="help">{say("check.failed")}</p>}
      {progress.state === "done" && <Outcome result={progress.result} />}
    </section>
  );
}

function Outcome({ result }: { result: CheckResult }) {
  return (
    <>
      <p class="label" data-testid="check-verdict" data-verdict={result.verdict}>
        {describeVerdict(result)}
      </p>
      <dl class="check-lines">
        {describeCheck(result).map(({ name, status, text }) => (
          <div key={name} data-status={status}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
