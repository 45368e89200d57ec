import { execFileSync } from "node:child_process";
import type { Closer } from "../redis/closing.js";
import { type Cables, layCables } from "./cables.js";

export type Topology = "open" | "NAT" | "symmetric NAT";

/** The homes, each of which has one computer behind a router. */
export const HOMES = ["ann", "bob", "cat"] as const;
export type Home = (typeof HOMES)[number];
/** The computer that can change to a second network, as a phone changes from Wi-Fi to a mobile network. */
const MOVING: Home = "bob";
const SECOND_ROUTER = `${MOVING}-second-router`;
/** The hosts without a router. */
const HOSTS = { server: "203.0.113.10", turn: "203.0.113.20" } as const;

/** From one host to another and back, a packet passes four cables. */
export const ROUND_TRIP_MS = 100;
const CABLE_MS = ROUND_TRIP_MS / 4;

/** What becomes of the old network when a computer changes to another: its address is gone, or its link is dead. */
export type OldNetwork = "gone" | "dead";

/** Homes, a server and a TURN server, each on a cable to the internet, all of them network namespaces. */
export interface Network {
  readonly serverAddress: string;
  readonly turnAddress: string;
  readonly cables: Cables;
  /** The command that runs a program on a host. */
  on(host: Home | keyof typeof HOSTS): string[];
  /** Moves Bob's computer to its second network, without a word to the programs that run on it. */
  change(old: OldNetwork): void;
  /** Moves it back. */
  changeBack(): void;
  /** Loses all packets of a home. */
  cut(home: Home): void;
}

/** Needs root. @param later gets what removes it */
export async function buildNetwork(topology: Topology, later: (closer: Closer) => void): Promise<Network> {
  const prefix = `sat${String(process.pid)}-`;
  const routers = [...HOMES.map((home) => `${home}-router`), SECOND_ROUTER];
  const all = ["net", ...Object.keys(HOSTS), ...HOMES, ...routers];
  later(() => {
    for (const name of all) execFileSync("ip", ["netns", "delete", prefix + name], { stdio: "ignore" });
    return Promise.resolve();
  });
  for (const name of all) addNamespace(prefix + name);
  const second = lanOf(topology, HOMES.length);
  for (const [index, home] of HOMES.entries()) {
    addLan(prefix + home, `${prefix}${home}-router`, "eth0", lanOf(topology, index));
    enter(prefix + home, "eth0", lanOf(topology, index));
  }
  addLan(prefix + MOVING, prefix + SECOND_ROUTER, "eth1", second);
  const onCable = [...routers, ...Object.keys(HOSTS)];
  const ends = onCable.map((name, index) => `${prefix}${name}:wan=${prefix}net:to${String(index)}`);
  const cables = await layCables(CABLE_MS, ends, later);
  for (const [index, name] of routers.entries()) {
    join(prefix, prefix + name, index, wanOf(index), topology === "open" ? publicLan(index) : undefined);
    if (topology !== "open") translate(prefix + name, topology === "symmetric NAT");
  }
  for (const [index, [name, address]] of Object.entries(HOSTS).entries()) {
    join(prefix, prefix + name, routers.length + index, address);
  }
  const first = lanOf(topology, HOMES.indexOf(MOVING));
  return {
    serverAddress: HOSTS.server,
    turnAddress: HOSTS.turn,
    cables,
    on: (host) => ["ip", "netns", "exec", prefix + host],
    change(old) {
      if (old === "gone") leave(prefix + MOVING, "eth0");
      else cables.cut(HOMES.indexOf(MOVING));
      enter(prefix + MOVING, "eth1", second);
    },
    changeBack() {
      leave(prefix + MOVING, "eth1");
      cables.join(HOMES.indexOf(MOVING));
      enter(prefix + MOVING, "eth0", first);
    },
    cut: (home) => cables.cut(HOMES.indexOf(home)),
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

/** Connects a computer with a router. */
function addLan(home: string, router: string, device: string, lan: Lan): void {
  ip(home, `link add ${device} type veth peer name lan netns ${router}`);
  ip(router, `address add ${lan.router}/29 dev lan`);
  ip(router, "link set lan up");
}

/** Gives a computer its address in a network, and its way to the internet. */
function enter(home: string, device: string, lan: Lan): void {
  ip(home, `address replace ${lan.computer}/29 dev ${device}`);
  ip(home, `link set ${device} up`);
  ip(home, `route replace default via ${lan.router}`);
}

function leave(home: string, device: string): void {
  ip(home, `address flush dev ${device}`);
  ip(home, `link set ${device} down`);
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
