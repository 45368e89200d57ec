import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWK, SignJWT } from "jose";

/** The secret that the app shares with servers in tests. */
export const appSecret = "a secret that only the app and the server know";

/** Signs tokens as the app does, with HS256. */
export function identityToken(claims: Record<string, unknown> & { iat?: number }, secret = appSecret): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt(claims.iat)
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(secret));
}

/** The keys of an app, and the server that publishes them. */
export class AppKeys {
  /** Whether the server answers. */
  isAway = false;
  /** How often the keys were fetched. */
  fetched = 0;
  #published: JWK[] = [];
  #newest: { alg: string; kid: string; pair: GenerateKeyPairResult } | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((_request, response) => {
      this.fetched++;
      if (this.isAway) response.writeHead(503).end();
      else response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: this.#published }));
    });
  }

  static async publish(alg = "RS256"): Promise<AppKeys> {
    const keys = new AppKeys();
    await keys.rotate(alg);
    await new Promise<void>((resolve) => keys.#server.listen(0, "127.0.0.1", resolve));
    return keys;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/jwks.json`;
  }

  /** The public keys that are published. */
  get published(): readonly JWK[] {
    return this.#published;
  }

  /** Publishes a new key, and no other any more. */
  async rotate(alg: string): Promise<void> {
    const pair = await generateKeyPair(alg, { extractable: true });
    this.#newest = { alg, kid: randomUUID(), pair };
    const { kid } = this.#newest;
    this.#published = [{ ...(await exportJWK(pair.publicKey)), kid, use: "sig" }];
  }

  /** Publishes a key that is not the app's. */
  publishBeside(key: JWK): void {
    this.#published = [...this.#published, key];
  }

  /** Signs a token with the newest key, or the header of another. */
  async sign(claims: Record<string, unknown>, header: { alg?: string; kid?: string } = {}): Promise<string> {
    if (this.#newest === undefined) throw new Error("there is no key");
    const { alg, kid, pair } = this.#newest;
    const token = new SignJWT({ exp: Math.floor(Date.now() / 1000) + 600, ...claims });
    return token.setProtectedHeader({ alg, kid, ...header }).sign(pair.privateKey);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
