import { installPackages } from "../../support/packages.js";

/** Installs HAProxy, Redis and OpenSSL. */
export default function setup(): void {
  installPackages("haproxy", "redis-server", "openssl");
}
