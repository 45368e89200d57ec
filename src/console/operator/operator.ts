import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { type GetOperatorResponse, OperatorRole as Role } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import type { Clients } from "../clients.js";
import { sentenceOf } from "../parts/sentence.js";

/** The operator, as the server knows it. */
export interface Operator {
  name: string;
  role: Role;
  /** Whether the server believes the name that the operator gives. */
  namesItself: boolean;
}

/** Nobody may do anything before the server has said who they are. */
export const UNKNOWN: Operator = { name: "", role: Role.UNSPECIFIED, namesItself: false };

export const OperatorContext = createContext<Operator>(UNKNOWN);

export function useOperator(): Operator {
  return useContext(OperatorContext);
}

/** Whether the operator has a role, or one that includes it. */
export function useMay(role: Role): boolean {
  return useOperator().role >= role;
}

const RETRY_MS = 2_000;

/**
 * Asks the server who the operator is, until it answers.
 * @returns the operator, why the server does not know it, and how to ask again
 */
export function useIdentity({ operators }: Pick<Clients, "operators">) {
  const [{ operator, problem }, setAnswer] = useState({ operator: UNKNOWN, problem: "" });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const asking = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      operators.getOperator({}, { signal: asking.signal }).then(
        ({ name, role, namesItself }: GetOperatorResponse) =>
          setAnswer({ operator: { name, role, namesItself }, problem: "" }),
        (error: unknown) => {
          if (asking.signal.aborted) return;
          setAnswer({ operator: UNKNOWN, problem: sentenceOf(error) });
          timer = setTimeout(ask, RETRY_MS);
        },
      );
    };
    ask();
    return () => {
      asking.abort();
      clearTimeout(timer);
    };
  }, [operators, asked]);
  return { operator, problem, askAgain: () => setAsked((count) => count + 1) };
}
