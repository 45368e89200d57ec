import { ConnectError } from "@connectrpc/connect";
import { call } from "../connection/api.js";
import { deviceKey as keptDeviceKey } from "../connection/device-key.js";
import { toSatoshigleError } from "../connection/error-mapping.js";
import { createTransport } from "../connection/transport.js";
import { SatoshigleError } from "../errors.js";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { AnswerService } from "../gen/satoshigle/v1/answer_pb.js";
import { isBlank } from "../visible.js";

const MAX_CHARACTERS = 1_000;

/** What is banned: the person of an identity token, this browser, or the network that the call came from. */
export type BanScope = "person" | "browser" | "network";

/** `open`: moderators have not decided yet. `upheld`: they did, and the ban stays. */
export type AppealState = "none" | "open" | "upheld";

const SCOPES: readonly BanScope[] = ["person", "browser", "network"];
const APPEAL_STATES: readonly AppealState[] = ["none", "open", "upheld"];

/** A ban that applies to this person, browser or network. */
export interface Ban {
  banId: string;
  scope: BanScope;
  /** What the moderators say about it, as plain text; undefined if nothing. */
  reason: string | undefined;
  /** When it ends (`Date.now()` milliseconds). */
  untilMs: number | undefined;
  /** What became of the appeal, of which there is one for each ban. */
  appeal: AppealState;
  /** What the moderators answered to the appeal, as plain text; undefined if nothing. */
  answer: string | undefined;
}

export interface AppealOptions {
  /** The token that the banned person would open a session with. */
  identityToken?: string;
  /** The key of the banned browser; the one that the client keeps in this browser unless given. */
  deviceKey?: string;
}

/**
 * Returns the ban that an error with the code `banned` is about. Returns undefined if the error does not say, as when a
 * ban ends a session: the next `connect` rejects with an error that does.
 */
export function banOf(error: unknown): Ban | undefined {
  if (!(error instanceof SatoshigleError) || error.code !== "banned") return undefined;
  const { metadata = {} } = detailsOf(error.cause) ?? {};
  const { ban_id: banId, ban_reason: reason, appeal_answer: answer } = metadata;
  const scope = SCOPES.find((one) => one === metadata.scope);
  if (banId === undefined || scope === undefined) return undefined;
  const appeal = APPEAL_STATES.find((state) => state === metadata.appeal) ?? "none";
  return { banId, scope, reason, untilMs: error.expiresAtMs, appeal, answer };
}

/**
 * Asks the moderators to reverse a ban. Resolves when the appeal is stored. Rejects with `appeal_exists` if somebody has
 * appealed against the ban before, `ban_over` if it does not apply to the caller any more, and `limit_reached` if too many
 * appeals came from this network today.
 * @param baseUrl the address of the server, with its path if it has one, such as `https://chat.example.com`
 * @param text why it should be reversed, up to 1,000 characters
 */
export async function appeal(
  baseUrl: string,
  { banId }: Pick<Ban, "banId">,
  text: string,
  { identityToken = "", deviceKey = keptDeviceKey() }: AppealOptions = {},
): Promise<void> {
  if (isBlank(text) || Array.from(text).length > MAX_CHARACTERS) {
    throw new SatoshigleError("invalid", "An appeal must have 1 to 1,000 characters.", { field: "text" });
  }
  const wire = { transport: createTransport(baseUrl.replace(/\/+$/, "")), currentToken: () => undefined };
  try {
    await call(wire, AnswerService.method.appeal, { banId, text, deviceKey, identityToken });
  } catch (error) {
    throw toAppealError(error);
  }
}

function toAppealError(cause: unknown): SatoshigleError {
  const reason = detailsOf(cause)?.reason;
  if (reason === "APPEAL_EXISTS") {
    return new SatoshigleError("appeal_exists", "There is an appeal against this ban already.", { cause });
  }
  if (reason === "BAN_UNKNOWN") {
    return new SatoshigleError("ban_over", "This ban is over, or does not apply here.", { cause });
  }
  return toSatoshigleError(cause);
}

function detailsOf(cause: unknown) {
  return cause instanceof ConnectError ? cause.findDetails(ErrorInfoSchema)[0] : undefined;
}
