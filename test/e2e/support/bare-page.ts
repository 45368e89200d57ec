import { Satoshigle } from "../../../src/client/index.js";
import { screenVideo } from "../../../src/client/screening/index.js";

/** A page with the client and no looks. Its address names the server after the `#`. */
const bare = { client: new Satoshigle(decodeURIComponent(location.hash.slice(1))), screenVideo };
Object.assign(window, { bare });

declare global {
  interface Window {
    bare: typeof bare;
  }
}
