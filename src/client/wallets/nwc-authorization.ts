import { AddressProblem } from "./address-problem.js";
import { nwcLibrary } from "./nwc-library.js";
import { serviceUrl } from "./recognize.js";

/** What a page asks a wallet to allow. */
export interface NwcWish {
  /** The page of the wallet at which it connects apps, such as `https://my.albyhub.com/apps/new`. */
  page: string;
  /** How the connection is called in the wallet. */
  name: string;
  /** How much it may spend in a month, in millisatoshis. The person may change it in the wallet. */
  monthlyBudgetMsat: number;
}

/**
 * Opens the wallet's page in a window, in which the person agrees, and returns the connection string. The secret is made
 * here and never sent. Rejects if the window is blocked or closed. Browsers allow a window soon after a click only, so
 * call `loadNwc` before.
 */
export async function authorizeNwc({ page, name, monthlyBudgetMsat }: NwcWish): Promise<string> {
  const url = serviceUrl(page);
  if (!url) throw new AddressProblem("address_unusable", "This is not the address of a wallet.");
  const { NWCClient } = await nwcLibrary();
  const client = await NWCClient.fromAuthorizationUrl(url.href, {
    name,
    requestMethods: ["make_invoice", "pay_invoice", "lookup_invoice"],
    notificationTypes: ["payment_received"],
    maxAmount: monthlyBudgetMsat,
    budgetRenewal: "monthly",
  });
  const connection = client.getNostrWalletConnectUrl(true);
  client.close();
  return connection;
}
