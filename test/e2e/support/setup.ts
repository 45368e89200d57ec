import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Before the first browser test: the browser is installed, and what it opens is built from the present sources. */
export default function setup(): void {
  installPackages("chromium", "coturn", "openssl");
  build();
}
