import { DomainError } from "../../core/errors.js";

/** What a token leads on. */
export type Listing = "reports" | "bans" | "watch" | "tips" | "changes";

/** Where a list goes on, for whoever asks for the next part. Its content is nobody else's business. */
export function toToken(listing: Listing, number: number | undefined): string {
  return number === undefined ? "" : Buffer.from(`${listing} ${String(number)}`).toString("base64url");
}

/**
 * The number that a token stands for; undefined for an empty one.
 * @throws DomainError `field_invalid` for what is no token of that list
 */
export function fromToken(listing: Listing, token: string, field: string): number | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString();
  const number = Number(/^(\w+) (\d{1,16})$/.exec(text)?.[2]);
  if (toToken(listing, number) === token && Number.isSafeInteger(number)) return number;
  throw new DomainError("field_invalid", `${field}: is not one that this list gave`, { field });
}
