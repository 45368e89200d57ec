import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

/** Installs the tools that check and run the deployment files. */
export default function setup(): void {
  installPackages("coturn", "kubernetes-client", "openssl", "prometheus", "redis-server", "strace", "systemd");
  build();
}
