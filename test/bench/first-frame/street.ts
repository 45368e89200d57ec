import type { Browser } from "playwright-core";
import type { Closer } from "../redis/closing.js";
import { type Pages, startServers } from "./hosts.js";
import { buildNetwork, HOMES, type Home, type Network, type Topology } from "./network.js";
import { launchAt } from "./visitor.js";

/** Browsers in their homes, and the pages that they may visit. */
export interface Street {
  browsers: Record<Home, Browser>;
  pages: Pages;
  network: Network;
}

export async function buildStreet(topology: Topology, later: (closer: Closer) => void): Promise<Street> {
  const network = await buildNetwork(topology, later);
  const pages = await startServers(network, topology, later);
  const browsers: Partial<Street["browsers"]> = {};
  for (const home of HOMES) browsers[home] = await launchAt(network, home, later);
  return { browsers: browsers as Street["browsers"], pages, network };
}
