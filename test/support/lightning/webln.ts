import type { BrowserContext, Page } from "playwright-core";
import type { LightningNode } from "./node.js";

/** The functions of a node that a page can call. Amounts are in satoshis, as in WebLN. */
interface Bridge {
  weblnInfo(): Promise<{ alias: string; pubkey: string }>;
  weblnInvoice(satoshis: number, memo: string): Promise<string>;
  weblnPay(invoice: string): Promise<string>;
  weblnFind(invoice: string): Promise<{ paymentRequest: string; preimage?: string; paid: boolean }>;
}

/** The argument of WebLN's `makeInvoice`; a plain number is an amount. */
type InvoiceWish =
  number | string | { amount?: number | string; defaultAmount?: number | string; defaultMemo?: string };

/**
 * Gives pages a browser wallet (WebLN, `window.webln`) backed by a Lightning node. Must be called before pages open. A
 * payment completes even if its page is closed meanwhile, as with any wallet.
 */
export async function exposeWebln(pages: Page | BrowserContext, node: LightningNode): Promise<void> {
  const bridge: Bridge = {
    weblnInfo: () => Promise.resolve({ alias: "a node of the tests", pubkey: node.id }),
    weblnInvoice: (satoshis, memo) => Promise.resolve(node.makeInvoice(satoshis * 1000, memo)),
    weblnPay: (invoice) => node.pay(invoice),
    weblnFind: (invoice) => new Promise((resolve) => resolve(lookUp(node, invoice))),
  };
  for (const [name, call] of Object.entries(bridge)) await pages.exposeFunction(name, call as () => unknown);
  await pages.addInitScript(installProvider);
}

function lookUp(node: LightningNode, invoice: string) {
  const payment = node.payments().find((one) => one.invoice === invoice.toLowerCase());
  if (payment === undefined) throw new Error("there is no such payment");
  const { state, preimage } = payment;
  const isPaid = state === "settled" && preimage !== undefined;
  return { paymentRequest: invoice, paid: isPaid, ...(isPaid && { preimage }) };
}

/** Runs in a page before its own scripts. */
function installProvider(): void {
  const bridge = window as unknown as Bridge;
  let isEnabled = false;
  const checkEnabled = () => {
    if (!isEnabled) throw new Error("call webln.enable() first");
  };
  const provider = {
    enable: () => {
      isEnabled = true;
      return Promise.resolve();
    },
    getInfo: async () => {
      checkEnabled();
      const methods = ["getInfo", "makeInvoice", "sendPayment", "lookupInvoice"];
      return { node: await bridge.weblnInfo(), version: "1", supports: ["lightning"], methods };
    },
    makeInvoice: async (wish: InvoiceWish) => {
      checkEnabled();
      const { amount, defaultAmount, defaultMemo = "" } = typeof wish === "object" ? wish : { amount: wish };
      return { paymentRequest: await bridge.weblnInvoice(Number(amount ?? defaultAmount), defaultMemo) };
    },
    sendPayment: async (invoice: string) => {
      checkEnabled();
      return { preimage: await bridge.weblnPay(invoice) };
    },
    lookupInvoice: ({ paymentRequest }: { paymentRequest: string }) => {
      checkEnabled();
      return bridge.weblnFind(paymentRequest);
    },
  };
  Object.defineProperty(window, "webln", { value: provider });
}
