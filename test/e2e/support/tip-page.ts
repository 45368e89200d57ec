import { Satoshigle, type Tip } from "../../../src/client/index.js";
import { NwcWallet, WebLnWallet } from "../../../src/client/wallets/index.js";

/** What a test can access in the page. */
export interface TipPage {
  client: Satoshigle;
  /** Every received state of every tip, in order. */
  received: Tip[];
  /** Every time that a tip was received as settled, except where the payee's word was added to it. */
  settled(): Tip[];
  /** Uses the browser's wallet, or one behind a connection string. */
  useWallet(connection?: string): void;
}

const client = new Satoshigle(location.origin, { tipStorage: localStorage });
const received: Tip[] = [];
client.on("tip", (tip) => received.push(tip));
client.on("partnerStream", (stream) => {
  const video = document.querySelector("video");
  if (video) video.srcObject = stream;
});

const page: TipPage = {
  client,
  received,
  settled: () => {
    const settled = received.filter(({ state }) => state === "settled");
    return settled.filter(
      ({ id, receivedAtMs }, index) =>
        receivedAtMs === undefined ||
        !settled.slice(0, index).some((before) => before.id === id && before.receivedAtMs === undefined),
    );
  },
  useWallet: (connection) => {
    client.setWallet(connection === undefined ? (WebLnWallet.ofBrowser() ?? null) : new NwcWallet(connection));
  },
};
Object.assign(window, { page });
