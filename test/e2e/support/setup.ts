import { build, compilePrograms } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Installs the browser, and builds the pages that it opens. */
export default async function setup(): Promise<void> {
  installPackages("chromium", "coturn", "openssl");
  build();
  await compilePrograms();
}
