import type { z } from "zod";
import { count, flag, listenAddress, milliseconds, oneOf, pem } from "./schemas.js";

export interface Variable {
  /** Reads the value. */
  schema: z.ZodType<unknown, string>;
  default: string;
  /** Completes the sentence "it must be". */
  allowed: string;
  help: string;
}

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

export const port = { schema: count(0, 65_535), allowed: "a port, 0 to 65535; 0 picks a free one" };
export const address = { schema: listenAddress, allowed: "an IP address or a host name to listen on" };
export const certificate = { schema: pem("certificate"), default: "", allowed: "a PEM file with a certificate" };
export const key = { schema: pem("key"), default: "", allowed: "a PEM file with a private key" };
export const boolean = { schema: flag, allowed: "true or false" };

const range = (min: number, max: number) => `${String(min)} to ${String(max)}`;
export const duration = (min: number, max: number) => ({
  schema: milliseconds(min, max),
  allowed: `milliseconds, ${range(min, max)}`,
});
export const amount = (min: number, max: number) => ({
  schema: count(min, max),
  allowed: `a number, ${range(min, max)}`,
});

export function choice<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return { schema: oneOf(...values), allowed: values.join(", ").replace(/, ([^,]*)$/, " or $1") };
}
