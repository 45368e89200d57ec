import { z } from "zod";
import type { Profile } from "../../core/identity.js";

/** Maximum size of a profile as JSON, in bytes. */
const PROFILE_BYTES = 1024;
/** Characters that are visible or a space. */
const line = z.string().regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, "must be one line of text");

const profile = z
  .strictObject({
    name: line.min(1).max(64).optional(),
    picture_url: z
      .url({ protocol: /^https$/, error: "must be an https: URL" })
      .max(512)
      .optional(),
    badges: z.array(line.min(1).max(32)).max(8).optional(),
  })
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= PROFILE_BYTES, {
    error: `must have at most ${String(PROFILE_BYTES)} bytes`,
  })
  .transform(({ name, picture_url: pictureUrl, badges }): Profile => ({ name, pictureUrl, badges }));

/** The claims of an identity token. Others are ignored. */
export const claims = z.object({
  sub: line.min(1).max(128),
  exp: z.number(),
  iat: z.number().optional(),
  profile: profile.optional(),
});
