import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Installs the browser, and builds the pages that it opens. */
export default function setup(): void {
  installPackages("chromium", "coturn");
  build();
}
