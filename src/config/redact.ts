/** A Redis URL without credentials, as plainly as an operator writes it. Anything else may contain a password. */
const PLAIN_REDIS_URL = /^rediss?:\/\/(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(\/\d*)?$/i;
const HIDDEN = "(hidden)";
/** Templates with a placeholder for the secret, which an operator may have replaced, and URLs that may be secret. */
const MAY_CONTAIN_SECRETS = new Set(["TURN_API_URL", "TURN_API_HEADERS", "TURN_API_BODY", "WEBHOOK_URLS"]);

/** The value of a refused variable as it may be shown. Secrets, and whatever a misspelt URL has before its @, are hidden. */
export function redact(name: string, value: string): string {
  if (name.includes("SECRET") || MAY_CONTAIN_SECRETS.has(name)) return HIDDEN;
  if (/age-secret-key/i.test(value)) return HIDDEN; // given in place of the public key
  if (name === "NEIGHBOUR_REALMS" && /[=@:]/.test(value)) return HIDDEN;
  if (value.includes("@"))
    return `${HIDDEN}@${name === "REDIS_URL" ? HIDDEN : value.slice(value.lastIndexOf("@") + 1)}`;
  if (name !== "REDIS_URL") return value;
  const isPlain = value.split(",").every((url) => PLAIN_REDIS_URL.test(url.trim()));
  return isPlain ? value : HIDDEN;
}

/** A valid URL of a server without user, password and parameters. */
export function withoutCredentials(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}
