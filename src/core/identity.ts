import type { Standing } from "./standing.js";

/** What the partner of a person is shown. */
export interface Profile {
  name?: string | undefined;
  /** An `https:` URL. */
  pictureUrl?: string | undefined;
  badges?: readonly string[] | undefined;
}

/** Who a caller is, according to the app. */
export interface Identity {
  /** The app's name for the person, 1 to 128 characters. Never logged, and stored with the person only. */
  subject: string;
  profile: Profile | undefined;
  /** Undefined if the app says nothing of it. */
  standing?: Standing | undefined;
  /** When the token was issued, in milliseconds; undefined if it does not say so. */
  issuedMs: number | undefined;
  expiresMs: number;
}
