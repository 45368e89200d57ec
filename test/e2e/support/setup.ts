import { build, compilePrograms } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Installs the browsers, and builds the pages that it opens. */
export default async function setup(): Promise<void> {
  installPackages(
    "chromium",
    "chromium-headless-shell",
    "firefox-esr",
    "webkit2gtk-driver",
    "xvfb",
    "coturn",
    "openssl",
  );
  build();
  await compilePrograms();
}
