/**
 * Loads the library of Nostr Wallet Connect. In a module of its own, because its type names an optional package that
 * the types of this one must resolve without. Within `try`, so that bundlers accept that the package is missing.
 */
export async function nwcLibrary() {
  try {
    return await import("@getalby/sdk/nwc");
  } catch (error) {
    throw new Error("NwcWallet needs the package @getalby/sdk: npm install @getalby/sdk", { cause: error });
  }
}
