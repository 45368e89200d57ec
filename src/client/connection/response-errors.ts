import { Code, ConnectError } from "@connectrpc/connect";

/** The status codes by their names in the protocol, such as `not_found`. */
const CODES = new Map(
  Object.entries(Code)
    .filter((entry): entry is [string, Code] => typeof entry[1] === "number")
    .map(([name, code]) => [name.replace(/\B[A-Z]/g, "_$&").toLowerCase(), code]),
);

/** What the protocol takes a bare HTTP status for, such as one from a proxy. */
const CODES_BY_STATUS: Partial<Record<number, Code>> = {
  400: Code.Internal,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  404: Code.Unimplemented,
  429: Code.Unavailable,
  502: Code.Unavailable,
  503: Code.Unavailable,
  504: Code.Unavailable,
};

/** Returns the error that a response with another status than 200 stands for. */
export async function errorFromResponse(response: Response): Promise<ConnectError> {
  const { status, headers } = response;
  const ofStatus = new ConnectError(`HTTP ${String(status)}`, CODES_BY_STATUS[status] ?? Code.Unknown, headers);
  if (!/^application\/json\b/.test(headers.get("content-type") ?? "")) return ofStatus;
  return errorFromJson(await response.json().catch(() => undefined), ofStatus);
}

/** Returns the error in the last message of a stream, or undefined if it ended properly. */
export function errorFromEnd(content: Uint8Array): ConnectError | undefined {
  const unreadable = new ConnectError("undecodable", Code.Unknown);
  try {
    const end = JSON.parse(new TextDecoder().decode(content)) as { error?: unknown } | null;
    if (end === null) return unreadable;
    return end.error === undefined || end.error === null ? undefined : errorFromJson(end.error, unreadable);
  } catch {
    return unreadable;
  }
}

/** Reads an error of the protocol. Returns `otherwise` if it is not one. */
function errorFromJson(json: unknown, otherwise: ConnectError): ConnectError {
  if (typeof json !== "object" || json === null) return otherwise;
  const { code, message, details } = json as Record<string, unknown>;
  const error = new ConnectError(
    typeof message === "string" ? message : "",
    CODES.get(String(code)) ?? otherwise.code,
    otherwise.metadata,
  );
  if (Array.isArray(details)) error.details = details.flatMap(toDetail);
  return error;
}

/** A detail that cannot be read is left out: the code and the message count. */
function toDetail(json: unknown): { type: string; value: Uint8Array }[] {
  const { type, value } = (json ?? {}) as { type?: unknown; value?: unknown };
  if (typeof type !== "string" || typeof value !== "string") return [];
  try {
    return [{ type, value: Uint8Array.from(atob(value), (byte) => byte.charCodeAt(0)) }];
  } catch {
    return [];
  }
}
