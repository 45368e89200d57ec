import { installPackages } from "./packages.js";

/** Installs Redis, curl, zsh and OpenSSL. */
export default function setup(): void {
  installPackages("redis-server", "openssl", "curl", "zsh");
}
