import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Before the first test with many processes: all they run is installed, and the server is built. */
export default function setup(): void {
  installPackages("caddy", "chromium", "haproxy", "nginx", "openssl", "redis-server", "redis-tools", "zsh");
  build();
}
