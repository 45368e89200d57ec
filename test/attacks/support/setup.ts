import { compilePrograms } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Installs HAProxy, Redis and OpenSSL, and compiles the programs that the tests start. */
export default async function setup(): Promise<void> {
  installPackages("haproxy", "redis-server", "openssl");
  await compilePrograms();
}
