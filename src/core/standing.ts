import type { Statement } from "./criteria.js";

/** What the app may deny a person. */
export const RESTRICTIONS = ["quarantine", "text_only", "no_reports", "no_tips"] as const;
export type Restriction = (typeof RESTRICTIONS)[number];

/** What the app says about a person, as far as it matters for matches. Signed into the token of the session. */
export interface Standing {
  /** What the person is. */
  attributes: Statement;
  /** The class of priority, 0 to 9. */
  priority: number;
  restrictions: readonly Restriction[];
}

/** Encodes a standing for a token. */
export function packStanding({ attributes, priority, restrictions }: Standing): string {
  return Buffer.from(JSON.stringify([attributes, priority, restrictions])).toString("base64url");
}

/** Decodes a standing from a token that this server signed. */
export function unpackStanding(packed: string): Standing {
  const content: unknown = JSON.parse(Buffer.from(packed, "base64url").toString());
  const [attributes, priority, restrictions] = content as [Statement, number, Restriction[]];
  return { attributes, priority, restrictions };
}

/** Whether the app denies something to a person; not to a person of whom it says nothing. */
export function isRestricted(standing: Standing | undefined, restriction: Restriction): boolean {
  return standing?.restrictions.includes(restriction) ?? false;
}
