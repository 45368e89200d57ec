import { useEffect, useState } from "preact/hooks";
import type { SatoshigleError } from "@satoshigle/client";

type Deposits = typeof import("./deposits.js");

/** The dialog that a deposit is paid in. */
export interface DepositView {
  DepositDialog: Deposits["DepositDialog"];
  close: () => void;
}

/** Returns the dialog once it has loaded, when a search was refused for want of a deposit; null once it is closed. */
export function useDeposit(error: SatoshigleError | null): DepositView | null {
  const [shown, setShown] = useState<{ error: SatoshigleError; DepositDialog: DepositView["DepositDialog"] } | null>(
    null,
  );

  useEffect(() => {
    if (error?.code !== "deposit_required") return;
    let current = true;
    import("./deposits.js").then(
      ({ DepositDialog }) => current && setShown({ error, DepositDialog }),
      () => undefined, // the notice remains, with which to try again
    );
    return () => void (current = false);
  }, [error]);

  const current = shown?.error === error ? shown : null;
  return current && { DepositDialog: current.DepositDialog, close: () => setShown(null) };
}
