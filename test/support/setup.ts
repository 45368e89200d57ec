import { compilePrograms } from "./build.js";
import { installPackages } from "./packages.js";

/** Installs Redis, curl, zsh and OpenSSL, and compiles the programs that the tests start. */
export default async function setup(): Promise<void> {
  installPackages("redis-server", "openssl", "curl", "zsh");
  await compilePrograms();
}
