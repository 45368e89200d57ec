import { z } from "zod";
import type { Profile } from "../../core/identity.js";
import { RESTRICTIONS } from "../../core/standing.js";

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

/** Maximum size of the attributes as JSON, in bytes: they become a part of the session's token. */
const ATTRIBUTES_BYTES = 512;

const values = z.union([line.min(1).max(32), z.array(line.min(1).max(32)).max(16)], {
  error: "must be a text of 1 to 32 characters, or a list of up to 16",
});

const attributes = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "must be the name of an attribute"), values)
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= ATTRIBUTES_BYTES, {
    error: `must have at most ${String(ATTRIBUTES_BYTES)} bytes`,
  })
  .transform((given) => Object.entries(given).map(([name, value]) => [name, [value].flat()] as const));

/** The claims of an identity token. Others are ignored. */
export const claims = z.object({
  sub: line.min(1).max(128),
  exp: z.number(),
  iat: z.number().optional(),
  profile: profile.optional(),
  attributes: attributes.optional(),
  priority: z.int().min(0).max(9).optional(),
  restrictions: z.array(z.enum(RESTRICTIONS)).optional(),
});
