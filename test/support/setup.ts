import { installPackages } from "./packages.js";

/** Before the first test of the server: the Redis that its stores are tested on is installed. */
export default function setup(): void {
  installPackages("redis-server");
}
