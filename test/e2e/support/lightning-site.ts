import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ChannelService } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import type { LndServer } from "../../support/lightning/lnd-server.js";
import { type LndStandIn, startLndStandIn } from "../../support/lightning/lnd-stand-in.js";
import type { ConsolePage } from "./console-page.js";
import { ConsoleSite } from "./console-site.js";

/** A console whose server has a real node of the Lightning Development Kit, behind LND's protos. */
export class LightningSite {
  readonly channels: Client<typeof ChannelService>;

  private constructor(
    private readonly standIn: LndStandIn,
    readonly site: ConsoleSite,
  ) {
    this.channels = createClient(ChannelService, createConnectTransport({ baseUrl: site.url, httpVersion: "1.1" }));
  }

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

  /** Opens a channel without the console, whose funding has the blocks that it needs. Returns its ID. */
  async openChannel(capacity: number, push = 0): Promise<string> {
    const amounts = { capacitySat: BigInt(capacity), pushSat: BigInt(push) };
    const terms = { peerId: this.peerId, peerAddress: this.peerAddress, ...amounts };
    const { command } = await this.channels.openChannel({ commandId: randomUUID(), terms });
    await this.mine(6);
    return command?.channelId ?? "";
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
