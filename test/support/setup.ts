import { compilePrograms } from "./build.js";
import { installPackages } from "./packages.js";

/** Runs before the tests of the server: installs what they run, and builds the processes that the server starts. */
export default async function setup(): Promise<void> {
  installPackages("redis-server", "openssl", "curl", "zsh");
  await compilePrograms();
}
