import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Installs the programs that the tests run, and builds the server. */
export default function setup(): void {
  installPackages(
    "caddy",
    "chromium-headless-shell",
    "coturn",
    "haproxy",
    "nginx",
    "openssl",
    "redis-server",
    "redis-tools",
    "zsh",
  );
  build();
}
