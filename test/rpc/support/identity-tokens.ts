import { createHmac } from "node:crypto";
import { appSecret } from "../../support/app-keys.js";
import type { TestServer } from "../../support/server.js";
import { TestClient, transportTo } from "../../support/test-client.js";

export const nowS = () => Math.floor(Date.now() / 1000);
export const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with any header and claims, signed with HS256. */
export function raw(header: unknown, claims: unknown, secret: string | Buffer = appSecret): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

/** Opens a session with an identity token, or resumes one. */
export const open = (server: TestServer, identity?: string, resume = {}) =>
  TestClient.open(transportTo(server.url), { ...resume, ...(identity !== undefined && { identityToken: identity }) });
