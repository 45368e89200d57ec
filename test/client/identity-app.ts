import type { ClientOptions } from "../../src/client/index.js";
import "../../src/client/identity/identity-tokens.js"; // so that the fake clock does not wait for the disk
import { ClientHarness, outcome } from "./client-harness.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** A token that only the server could check. */
export const tokenOf = (claims: object) => `${encode({ alg: "HS256" })}.${encode(claims)}.c2lnbmF0dXJl`;

/** The app, whose tokens have the number of the call that returned them, and a server. */
export class App {
  readonly server = new ScriptedServer();
  asked = 0;
  readonly signals: AbortSignal[] = [];
  /** How far its clock is ahead of the browser's, in seconds. */
  aheadS = 0;
  answer: () => unknown = () => this.sign();

  readonly identity: NonNullable<ClientOptions["identity"]> = async ({ signal }) => {
    this.asked++;
    this.signals.push(signal);
    return (await this.answer()) as string;
  };

  /** A token for ten minutes. */
  sign(more: object = {}): string {
    const iat = Math.floor(Date.now() / 1_000) + this.aheadS;
    return tokenOf({ sub: "ann", number: this.asked, iat, exp: iat + 600, ...more });
  }

  /** Online in a new session. */
  arrive(more: ClientOptions = {}): Promise<ClientHarness> {
    return ClientHarness.arrive(this.server, { identity: this.identity, ...more });
  }

  /** Connects, without an answer of the server. */
  async call(more: ClientOptions = {}) {
    const harness = new ClientHarness(this.server, { identity: this.identity, ...more });
    const connected = outcome(harness.client.connect());
    await settle();
    return { harness, connected };
  }

  /** The stream breaks, and the next one is opened. */
  async reconnect(): Promise<void> {
    await this.server.stream.end();
    await pass(250);
  }

  /** The number of the token that each stream had; undefined for none. */
  sent(): (number | undefined)[] {
    return this.server.streams.map(({ request }) => {
      const claims = Buffer.from(request.identityToken.split(".")[1] ?? "", "base64url").toString();
      return claims === "" ? undefined : (JSON.parse(claims) as { number: number }).number;
    });
  }
}
