import { useEffect, useState } from "preact/hooks";
import { PaymentFailed, type SatoshigleClient, SatoshigleError } from "@satoshigle/client";
import { type Deposit, depositAdmits, requestDeposit } from "@satoshigle/client/deposits";
import { explainError } from "./problems.js";
import { say, sentences } from "./say.js";

/** The payment of a deposit, as the dialog shows it. */
export interface DepositPayment {
  /** Null until the server has asked for one. */
  deposit: Deposit | null;
  /** What keeps it from being paid, in words. */
  problem: string | null;
  /** Asks for another deposit. */
  again: () => void;
}

/** Asks for a deposit, and waits until it admits. */
export function useDepositPayment(client: SatoshigleClient, onAdmitted: () => void): DepositPayment {
  const [attempt, setAttempt] = useState(0);
  const [deposit, setDeposit] = useState<Deposit | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    const pass = async () => {
      const asked = await requestDeposit(client);
      abort.signal.throwIfAborted();
      setDeposit(asked);
      if (!asked.admits) await depositAdmits(client, { signal: abort.signal });
    };
    pass().then(
      () => !abort.signal.aborted && onAdmitted(),
      (error: unknown) => {
        if (!abort.signal.aborted) setProblem(explain(error));
      },
    );
    return () => abort.abort();
  }, [client, attempt]);

  function again(): void {
    setProblem(null);
    setDeposit(null);
    setAttempt((count) => count + 1);
  }

  return { deposit, problem, again };
}

/** A payment by the wallet of this page, which lasts until the deposit is returned or kept. */
export interface WalletPayment {
  state: "none" | "paying" | "failed";
  pay: () => void;
}

export function useWalletPayment(pay: () => Promise<unknown>): WalletPayment {
  const [state, setState] = useState<WalletPayment["state"]>("none");
  const start = () => {
    setState("paying");
    // What is unclear may still arrive, which the server sees.
    pay().catch((error: unknown) => error instanceof PaymentFailed && setState("failed"));
  };
  return { state, pay: start };
}

function explain(cause: unknown): string {
  const error = cause instanceof SatoshigleError ? cause : new SatoshigleError("internal", String(cause));
  if (error.problem === "over") return say("deposit.over");
  const { title, text } = explainError(error, Date.now());
  return sentences(`${title}.`, text);
}
