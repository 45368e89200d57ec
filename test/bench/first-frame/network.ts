import { execFileSync } from "node:child_process";
import type { Closer } from "../redis/closing.js";
import { type Cables, layCables } from "./cables.js";

export type Topology = "open" | "NAT" | "symmetric NAT";

/** The homes, each of which has one computer behind a router. */
export const HOMES = ["ann", "bob", "cat"] as const;
export type Home = (typeof HOMES)[number];
/** The hosts without a router. */
const HOSTS = { server: "203.0.113.10", turn: "203.0.113.20" } as const;

/** From one host to another and back, a packet passes four cables. */
export const ROUND_TRIP_MS = 100;
const CABLE_MS = ROUND_TRIP_MS / 4;

/** Homes, a server and a TURN server, each on a cable to the internet, all of them network namespaces. */
export interface Network {
  readonly serverAddress: string;
  readonly turnAddress: string;
  readonly cables: Cables;
  /** The command that runs a program on a host. */
  on(host: Home | keyof typeof HOSTS): string[];
}

/** Needs root. @param later gets what removes it */
export async function buildNetwork(topology: Topology, later: (closer: Closer) => void): Promise<Network> {
  const prefix = `sat${String(process.pid)}-`;
  const all = ["net", ...Object.keys(HOSTS), ...HOMES, ...HOMES.map((home) => `${home}-router`)];
  later(() => {
    for (const name of all) execFileSync("ip", ["netns", "delete", prefix + name], { stdio: "ignore" });
    return Promise.resolve();
  });
  for (const name of all) addNamespace(prefix + name);
  for (const [index, home] of HOMES.entries()) addHome(prefix + home, lanOf(topology, index));
  const onCable = [...HOMES.map((home) => `${home}-router`), ...Object.keys(HOSTS)];
  const ends = onCable.map((name, index) => `${prefix}${name}:wan=${prefix}net:to${String(index)}`);
  const cables = await layCables(CABLE_MS, ends, later);
  for (const [index, home] of HOMES.entries()) {
    const router = `${prefix}${home}-router`;
    join(prefix, router, index, wanOf(index), topology === "open" ? publicLan(index) : undefined);
    if (topology !== "open") translate(router, topology === "symmetric NAT");
  }
  for (const [index, [name, address]] of Object.entries(HOSTS).entries()) {
    join(prefix, prefix + name, HOMES.length + index, address);
  }
  return {
    serverAddress: HOSTS.server,
    turnAddress: HOSTS.turn,
    cables,
    on: (host) => ["ip", "netns", "exec", prefix + host],
  };
}

function ip(namespace: string, command: string): void {
  execFileSync("ip", ["-n", namespace, ...command.split(" ")], { stdio: ["ignore", "ignore", "inherit"] });
}

function addNamespace(name: string): void {
  execFileSync("ip", ["netns", "add", name]);
  ip(name, "link set lo up");
  const settings = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv4.conf.all.rp_filter=0"];
  execFileSync("ip", ["netns", "exec", name, "sysctl", "-qw", ...settings]);
}

interface Lan {
  router: string;
  computer: string;
}

const wanOf = (index: number) => `198.51.100.${String(16 * index + 9)}`;
const publicLan = (index: number) => `198.51.100.${String(16 * index)}/29`;

/** In an open network, a home's computers have public addresses. */
function lanOf(topology: Topology, index: number): Lan {
  const [base, first] = topology === "open" ? ["198.51.100", 16 * index] : [`192.168.${String(index + 1)}`, 0];
  return { router: `${base}.${String(first + 1)}`, computer: `${base}.${String(first + 2)}` };
}

function addHome(home: string, lan: Lan): void {
  const router = `${home}-router`;
  ip(home, `link add eth0 type veth peer name lan netns ${router}`);
  ip(home, `address add ${lan.computer}/29 dev eth0`);
  ip(home, "link set eth0 up");
  ip(router, `address add ${lan.router}/29 dev lan`);
  ip(router, "link set lan up");
  ip(home, `route add default via ${lan.router}`);
}

/** Connects a host or router to the internet, through the cable with this index. */
function join(prefix: string, name: string, index: number, address: string, behind?: string): void {
  ip(name, `address add ${address}/32 dev wan`);
  ip(name, "link set wan up");
  ip(name, "route add default dev wan");
  const device = `to${String(index)}`;
  ip(`${prefix}net`, `link set ${device} up`);
  ip(`${prefix}net`, `route add ${address}/32 dev ${device}`);
  if (behind !== undefined) ip(`${prefix}net`, `route add ${behind} dev ${device}`);
}

/** A home router: it translates addresses and lets nothing in that was not asked for. */
function translate(router: string, isSymmetric: boolean): void {
  const rules = `
    table ip home {
      chain postrouting { type nat hook postrouting priority srcnat; oifname "wan" masquerade ${isSymmetric ? "fully-random" : ""}; }
      chain forward { type filter hook forward priority filter; iifname "wan" ct state new drop; }
      chain input { type filter hook input priority filter; iifname "wan" ct state new drop; }
    }`;
  execFileSync("ip", ["netns", "exec", router, "nft", "-f", "-"], { input: rules });
}
