import { z } from "zod";
import { COUNTRIES } from "./countries.js";

/** One line that can be seen: nothing in it reverses the text around it. Full-width and plain letters are the same. */
const name = z
  .string()
  .max(100)
  .transform((text) => text.normalize("NFKC").trim())
  .pipe(z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,32}$/u));

export const credentials = z.object({ name, password: z.string().min(8).max(200) });

const country = z.enum(COUNTRIES);

export const registration = credentials.extend({ country: country.or(z.literal("")).default("") });

/** Each further country adds to the queues that a user stands in, of which the server allows 66. */
const countries = z
  .array(country)
  .max(5)
  .transform((codes) => [...new Set(codes)]);

/** Whom a user wants to meet, and how. What else a request contains is ignored. */
export const choice = z.object({ countries, textOnly: z.boolean() });
