import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LndServer } from "../../support/lightning/lnd-server.js";
import { type LndStandIn, startLndStandIn } from "../../support/lightning/lnd-stand-in.js";
import type { ConsolePage } from "./console-page.js";
import { ConsoleSite } from "./console-site.js";

/** A console whose server has a real node of the Lightning Development Kit, behind LND's protos. */
export class LightningSite {
  private constructor(
    private readonly standIn: LndStandIn,
    readonly site: ConsoleSite,
  ) {}

  static async open(variables: Record<string, string> = {}): Promise<LightningSite> {
    const standIn = await startLndStandIn();
    const macaroonFile = join(standIn.folder, "admin.macaroon");
    await writeFile(macaroonFile, Buffer.from(standIn.bed.node.macaroon, "hex"));
    const node = {
      LND_URL: standIn.bed.node.url,
      LND_TLS_CERT_FILE: standIn.certFile,
      LND_MACAROON_FILE: macaroonFile,
    };
    const site = await ConsoleSite.open({ LIGHTNING_NETWORK: "regtest", ...node, ...variables });
    return new LightningSite(standIn, site);
  }

  get url(): string {
    return this.site.url;
  }

  /** The server that the operator's server calls. */
  get node(): LndServer {
    return this.standIn.server;
  }

  get peerId(): string {
    return this.standIn.peerId;
  }

  get peerAddress(): string {
    return this.standIn.bed.peer.address;
  }

  visit(width?: number, colorScheme?: "light" | "dark"): Promise<ConsolePage> {
    return this.site.visit(width, colorScheme);
  }

  async mine(blocks: number): Promise<void> {
    const { origin, username, password } = new URL(this.standIn.bed.bitcoindUrl);
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const body = JSON.stringify({ method: "generatetoaddress", params: [blocks] });
    await fetch(origin, { method: "POST", headers: { authorization }, body });
  }

  /** The peer pays. Resolves when the payment is over. */
  pay(invoice: string): Promise<string> {
    return this.node.backend.pay(invoice);
  }

  async close(): Promise<void> {
    await this.site.close();
    await this.standIn.close();
  }
}
