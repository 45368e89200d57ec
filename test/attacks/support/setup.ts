import { compilePrograms } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Before the first attack: what stands in front of the server, what is behind it, and what makes certificates. */
export default async function setup(): Promise<void> {
  installPackages("haproxy", "redis-server", "openssl");
  await compilePrograms();
}
