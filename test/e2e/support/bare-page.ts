import { Satoshigle } from "../../../src/client/index.js";

/** A page with the client and no looks. Its address names the server after the `#`. */
const bare = { client: new Satoshigle(decodeURIComponent(location.hash.slice(1))) };
Object.assign(window, { bare });

declare global {
  interface Window {
    bare: typeof bare;
  }
}
