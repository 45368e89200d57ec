import { Satoshigle, type Tip } from "../../../src/client/index.js";
import { NwcWallet, WebLnWallet } from "../../../src/client/wallets/index.js";

/** What a test reaches in a page whose tips it gives. */
export interface TipPage {
  client: Satoshigle;
  /** Every state of every tip that the page was told, in order. */
  told: Tip[];
  /** Uses the browser's wallet, or one behind a connection string. */
  useWallet(connection?: string): void;
}

const client = new Satoshigle(location.origin, { tipStorage: localStorage });
const told: Tip[] = [];
client.on("tip", (tip) => told.push(tip));
client.on("partnerStream", (stream) => {
  const video = document.querySelector("video");
  if (video) video.srcObject = stream;
});

const page: TipPage = {
  client,
  told,
  useWallet: (connection) => {
    client.setWallet(connection === undefined ? (WebLnWallet.ofBrowser() ?? null) : new NwcWallet(connection));
  },
};
Object.assign(window, { page });
