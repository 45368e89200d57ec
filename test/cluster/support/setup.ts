import { execFileSync } from "node:child_process";
import { installPackages } from "../../support/packages.js";

/** Before the first test with many processes: all they run is installed, and the server is built. */
export default function setup(): void {
  installPackages("chromium", "haproxy", "redis-server", "redis-tools");
  execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", "ignore", "inherit"] });
}
