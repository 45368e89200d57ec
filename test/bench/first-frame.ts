import { installPackages } from "../support/packages.js";
import type { Pages } from "./first-frame/hosts.js";
import { measureChanges } from "./first-frame/network-changes.js";
import { ROUND_TRIP_MS, type Topology } from "./first-frame/network.js";
import { buildStreet, type Street } from "./first-frame/street.js";
import { Visitor } from "./first-frame/visitor.js";
import { closing } from "./redis/closing.js";
import { median, spread } from "./statistics.js";
import { printTable } from "./table.js";

const ROUNDS = 10;
/** How long somebody reads a page before they press Start. */
const READING_MS = 13_000;
/** How long after the first frame the last calls for a match may come. */
const SETTLING_MS = 1_000;

/** A way to begin a call, and the greatest ratio to the plain page that is acceptable. */
interface Case {
  name: string;
  topology: Topology;
  target: number;
  /** Returns the milliseconds from the press to the first frame on both pages. */
  ours: (street: Street) => Promise<Measured>;
  plain: (street: Street) => Promise<Measured>;
}

interface Measured {
  ms: number;
  /** What both pages called for the match. */
  calls: string[];
}

const start =
  (page: keyof Pages, readingMs = 0) =>
  (street: Street) =>
    measureStart(street, page, readingMs);

const cases: Case[] = [
  { name: "open", topology: "open", target: 0.85, ours: start("ours"), plain: start("plain") },
  { name: "NAT", topology: "NAT", target: 0.85, ours: start("ours"), plain: start("plain") },
  {
    name: `NAT, page open for ${String(READING_MS / 1000)} s`,
    ...{ topology: "NAT", target: 0.7, ours: start("ours", READING_MS), plain: start("plain", READING_MS) },
  },
  { name: "NAT, Next", topology: "NAT", target: 0.6, ours: measureNext, plain: start("plain") },
  { name: "symmetric NAT", topology: "symmetric NAT", target: 0.9, ours: start("ours"), plain: start("plain") },
];

/** From Start on the second page to the first frame on both, beside a plain page; changes of network. Needs root. */
export async function benchFirstFrame(rounds = ROUNDS): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("first-frame needs root: it builds network namespaces");
  installPackages("chromium", "coturn", "nftables", "gcc");
  const rows: Record<string, string>[] = [];
  for (const topology of new Set(cases.map((one) => one.topology))) {
    await closing(async (later) => {
      const street = await buildStreet(topology, later);
      const here = cases.filter((one) => one.topology === topology);
      rows.push(...(await measureAll(here, street, rounds)));
    });
  }
  const title = `ms from Start to the first frame on both pages, ${String(ROUND_TRIP_MS)} ms round trip`;
  printTable(`${title}; median (range) of ${String(rounds)}`, rows);
  await closing(async (later) => measureChanges(await buildStreet("NAT", later), rounds));
}

/** Takes turns between the cases and pages: what a shared machine does to one, it does to the others. */
async function measureAll(here: Case[], street: Street, rounds: number): Promise<Record<string, string>[]> {
  const results = here.map((one) => ({
    ...one,
    oursMs: [] as number[],
    plainMs: [] as number[],
    calls: [] as string[][],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const result of results) {
      const ours = await result.ours(street);
      result.oursMs.push(ours.ms);
      result.calls.push(ours.calls);
      result.plainMs.push((await result.plain(street)).ms);
    }
  }
  return results.map(({ name, target, oursMs, plainMs, calls }) => {
    const ratio = median(oursMs) / median(plainMs);
    return {
      network: name,
      ours: spread(oursMs, 0),
      "plain page": spread(plainMs, 0),
      ratio: ratio.toFixed(2),
      target: `≤ ${target.toFixed(2)}`,
      met: ratio <= target ? "yes" : "no",
      "calls per match": spread(
        calls.map((names) => names.length),
        0,
      ),
    };
  });
}

/** Ann waits; Bob opens the page, reads and presses Start. */
async function measureStart({ browsers, pages }: Street, page: keyof Pages, readingMs: number): Promise<Measured> {
  const ann = await Visitor.arrive(browsers.ann, pages[page]);
  await ann.press("start");
  await ann.untilWaiting();
  const bob = await Visitor.arrive(browsers.bob, pages[page]);
  if (readingMs > 0) await bob.page.waitForTimeout(readingMs);
  const startMs = await bob.press("start");
  const shownMs = Math.max(...(await Promise.all([ann.firstFrame(), bob.firstFrame()])));
  await bob.page.waitForTimeout(SETTLING_MS);
  const calls = callsOf(ann, bob);
  await Promise.all([ann.leave(), bob.leave()]);
  return { ms: shownMs - startMs, calls };
}

/** Ann and Bob talk; Cat waits; Bob presses Next. */
async function measureNext({ browsers, pages }: Street): Promise<Measured> {
  const [ann, bob] = [await Visitor.arrive(browsers.ann, pages.ours), await Visitor.arrive(browsers.bob, pages.ours)];
  await ann.press("start");
  await ann.untilWaiting();
  await bob.press("start");
  await Promise.all([ann.firstFrame(), bob.firstFrame()]);
  const cat = await Visitor.arrive(browsers.cat, pages.ours);
  await cat.press("start");
  await cat.untilWaiting();
  bob.calls.length = 0;
  const startMs = await bob.press("next");
  const shownMs = Math.max(...(await Promise.all([cat.firstFrame(), bob.firstFrame(1)])));
  await bob.page.waitForTimeout(SETTLING_MS);
  const calls = callsOf(cat, bob);
  await Promise.all([ann.leave(), bob.leave(), cat.leave()]);
  return { ms: shownMs - startMs, calls };
}

function callsOf(...visitors: Visitor[]): string[] {
  return visitors.flatMap(({ calls }) => calls).filter((name) => name === "Match" || name === "Send");
}
