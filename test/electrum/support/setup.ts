import { compilePrograms } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Installs Electrum, and compiles the programs that the tests start. */
export default async function setup(): Promise<void> {
  installPackages("electrum", "openssl");
  await compilePrograms();
}
