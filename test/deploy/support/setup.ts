import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Before the first test of the files to deploy with: the tools that check and run them are installed. */
export default function setup(): void {
  installPackages("coturn", "kubernetes-client", "openssl", "prometheus", "redis-server", "strace", "systemd");
  build();
}
