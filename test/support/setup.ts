import { installPackages } from "./packages.js";

/** Before the first test of the server: Redis, curl, zsh and what makes certificates are installed. */
export default function setup(): void {
  installPackages("redis-server", "openssl", "curl", "zsh");
}
