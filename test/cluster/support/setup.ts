import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Before the first test with many processes: all they run is installed, and the server is built. */
export default function setup(): void {
  installPackages("chromium", "coturn", "haproxy", "redis-server", "redis-tools", "zsh");
  build();
}
