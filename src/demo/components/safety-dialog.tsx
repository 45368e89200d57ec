import { useEffect, useState } from "preact/hooks";
import { SatoshigleError, type SafetySymbol, type SatoshigleClient } from "@satoshigle/client";
import { explainError } from "../problems.js";
import { say } from "../say.js";
import { symbolName } from "../symbol-name.js";
import { Dialog } from "./dialog.js";

interface Props {
  open: boolean;
  onClose: () => void;
  client: SatoshigleClient;
}

/** The four symbols of the call, for two people to compare. */
export function SafetyDialog({ open, onClose, client }: Props) {
  const [symbols, setSymbols] = useState<readonly SafetySymbol[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setSymbols(null);
    setProblem(null);
    if (!open) return;
    const fail = (error: unknown) => {
      setSymbols(null);
      setProblem(explain(error));
    };
    let over = false;
    client.safetyCode().then(
      (code) => !over && setSymbols(code),
      (error: unknown) => !over && fail(error),
    );
    const off = client.on("error", (error) => error.code === "safety_code_refused" && fail(error));
    return () => {
      over = true;
      off();
    };
  }, [client, open]);
  return (
    <Dialog title={say("safety.title")} open={open} onClose={onClose} testId="safety-dialog">
      <div class="safety" role="status">
        {problem !== null && <p data-testid="safety-problem">{problem}</p>}
        {problem === null && symbols === null && <p>{say("safety.waiting")}</p>}
        {symbols && <Symbols symbols={symbols} />}
      </div>
      <p class="safety-limits">{say("safety.limits")}</p>
    </Dialog>
  );
}

function Symbols({ symbols }: { symbols: readonly SafetySymbol[] }) {
  return (
    <>
      <p>{say("safety.ask")}</p>
      <ol class="safety-symbols" data-testid="safety-symbols">
        {symbols.map(({ emoji, name }, at) => (
          <li key={at}>
            <span class="safety-emoji" aria-hidden="true">
              {emoji}
            </span>
            {symbolName(name)}
          </li>
        ))}
      </ol>
      <p>{say("safety.same")}</p>
      <p>{say("safety.differ")}</p>
    </>
  );
}

function explain(error: unknown): string {
  const known = error instanceof SatoshigleError ? error : new SatoshigleError("internal", String(error));
  const { title, text } = explainError(known, Date.now());
  return `${title}. ${text}`;
}
