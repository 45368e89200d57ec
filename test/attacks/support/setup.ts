import { installPackages } from "../../support/packages.js";

/** Before the first attack: what stands in front of the server, what is behind it, and what makes certificates. */
export default function setup(): void {
  installPackages("haproxy", "redis-server", "openssl");
}
