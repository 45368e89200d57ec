import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { BanRecord } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { distance } from "../parts/moment.js";
import { visible } from "../parts/visible.js";

/** What a key is of. */
export function kindOf(addressKey: string): "person" | "browser" | "network" {
  if (addressKey.startsWith("~")) return "person";
  return addressKey.startsWith("^") ? "browser" : "network";
}

/** How a ban is called in sentences. */
export function bannedName({ subject, addressKey }: BanRecord): string {
  return subject === "" ? `the ${kindOf(addressKey)} ${addressKey}` : visible(subject);
}

/** What was done, as a sentence; also that a subject is not known, as it may be misspelt. */
export function banned(ban: BanRecord | undefined, askedSubject: string): string {
  if (!ban) return "The ban is in force.";
  const until = ban.expireTime ? distance((timestampDate(ban.expireTime).getTime() - Date.now()) / 1000) : "later";
  const name = ban.subject === "" && askedSubject !== "" ? visible(askedSubject) : bannedName(ban);
  const doubt = ban.subject === "" && askedSubject !== "" ? " No person with this subject is stored: check it." : "";
  return `The ban of ${name} is in force and ends ${until}.${doubt}`;
}
