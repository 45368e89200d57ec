/** What was checked. */
export type Subject =
  | "configuration"
  | "origins"
  | "proxies"
  | "certificates"
  | "clock"
  | "data"
  | "redis"
  | "stun"
  | "turn"
  | "identity"
  | "matching"
  | "country"
  | "webhooks"
  | "page";

/** `warn`: the server runs, but somebody will notice; `fail`: something does not work. */
export type Level = "ok" | "warn" | "fail";

/** The result of one check. */
export interface Finding {
  subject: Subject;
  level: Level;
  /** What was found, without secrets. */
  text: string;
  /** What to do, unless all is well. */
  advice?: string;
}

/** Creates the findings of a subject. */
export function about(subject: Subject) {
  return {
    ok: (text: string): Finding => ({ subject, level: "ok", text }),
    warn: (text: string, advice: string): Finding => ({ subject, level: "warn", text, advice }),
    fail: (text: string, advice: string): Finding => ({ subject, level: "fail", text, advice }),
  };
}

/** The message of a system error without its addresses repeated, such as `ECONNREFUSED`. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = (error as { cause?: unknown }).cause;
  if (code === undefined && cause !== undefined) return reasonOf(cause);
  const known = code === undefined ? undefined : REASONS[code];
  return known ?? (message === "" ? (code ?? "unknown error") : message);
}

const REASONS: Record<string, string> = {
  ENOTFOUND: "its name has no address",
  EAI_AGAIN: "its name could not be resolved",
  ECONNREFUSED: "nothing listens at this address and port",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "there is no route to this address",
  ENETUNREACH: "there is no route to this address",
  ETIMEDOUT: "the connection timed out",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is from an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate chain is incomplete, or from an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate chain is incomplete, or from an unknown authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};
