import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { LightningNode } from "./node.js";
import type { NostrRelay } from "./nostr-relay.js";
import { connectWallet, type ConnectedWallet } from "./wallet-service.js";

/** The page of a wallet at which a person lets an app use it. On loopback, where the wallet's own server would be. */
export class WalletPage {
  /** What the last app asked for. */
  wish = new URLSearchParams();
  readonly #wallets: ConnectedWallet[] = [];
  readonly #server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://wallet.test");
    if (url.pathname !== "/apps/new") {
      response.writeHead(404).end();
      return;
    }
    this.wish = url.searchParams;
    void this.#connect(url.searchParams.get("pubkey") ?? "").then((answer) => {
      response.writeHead(200, { "content-type": "text/html" }).end(pageThatAnswers(answer));
    });
  });

  private constructor(
    readonly relay: NostrRelay,
    readonly node: LightningNode,
  ) {}

  static async start(relay: NostrRelay, node: LightningNode): Promise<WalletPage> {
    const page = new WalletPage(relay, node);
    page.#server.listen(0, "127.0.0.1");
    await once(page.#server, "listening");
    return page;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/apps/new`;
  }

  close(): void {
    for (const wallet of this.#wallets) wallet.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #connect(appKey: string): Promise<object> {
    const wallet = await connectWallet(this.relay, this.node, appKey);
    this.#wallets.push(wallet);
    return { type: "nwc:success", relayUrl: this.relay.url, walletPubkey: wallet.publicKey };
  }
}

/** Agrees when its button is pressed. */
function pageThatAnswers(answer: object): string {
  const code = `opener.postMessage(${JSON.stringify(answer)}, "*")`;
  return `<!doctype html><title>A wallet</title><button onclick='${code}'>Agree</button>`;
}
