import { writeFile } from "node:fs/promises";

// The format is described at https://maxmind.github.io/MaxMind-DB/: a binary tree over the bits of addresses, 16 zero
// bytes, the data of the leaves, and the metadata.

type Value =
  string | { uint16: number } | { uint32: number } | { uint64: number } | Value[] | { map: [string, Value][] };

/** Type, size and content of a value; sizes are below 29. */
function encode(value: Value): Buffer {
  if (typeof value === "string") return Buffer.concat([Buffer.of((2 << 5) | value.length), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([Buffer.of(value.length, 11 - 7), ...value.map(encode)]);
  if ("map" in value) {
    const entries = value.map.flatMap(([key, one]) => [encode(key), encode(one)]);
    return Buffer.concat([Buffer.of((7 << 5) | value.map.length), ...entries]);
  }
  if ("uint16" in value) return Buffer.of((5 << 5) | 2, value.uint16 >> 8, value.uint16 & 0xff);
  const [number, bytes] = "uint32" in value ? [value.uint32, 4] : [value.uint64, 8];
  const content = Buffer.alloc(bytes);
  content.writeUInt32BE(number, bytes - 4);
  return Buffer.concat([bytes === 4 ? Buffer.of((6 << 5) | 4) : Buffer.of(8, 9 - 7), content]);
}

interface Node {
  children: [Node | string | undefined, Node | string | undefined];
}

function treeOf(networks: Record<string, string>): Node {
  const root: Node = { children: [undefined, undefined] };
  for (const [network, country] of Object.entries(networks)) {
    const [address = "", length] = network.split("/");
    const bits = address
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
    let node = root;
    for (let index = 0; index < Number(length); index++) {
      const side = bits[index] === "1" ? 1 : 0;
      if (index === Number(length) - 1) node.children[side] = country;
      else {
        const next = node.children[side];
        node = typeof next === "object" ? next : (node.children[side] = { children: [undefined, undefined] });
      }
    }
  }
  return root;
}

interface About {
  databaseType?: string;
  builtMs?: number;
  /** What it says of itself. */
  ipVersion?: 4 | 6;
}

/** Writes a database in MaxMind's format with the countries of IPv4 networks, such as `{ "10.1.0.0/16": "DE" }`. */
export async function writeCountryDatabase(
  path: string,
  networks: Record<string, string>,
  { databaseType = "Test-Country", builtMs = 1_700_000_000_000, ipVersion = 4 }: About = {},
): Promise<void> {
  const nodes: Node[] = [treeOf(networks)];
  for (const { children } of nodes) for (const child of children) if (typeof child === "object") nodes.push(child);
  const offsets = new Map<string, number>();
  const data: Buffer[] = [];
  for (const country of new Set(Object.values(networks))) {
    offsets.set(country, Buffer.concat(data).length);
    data.push(encode({ map: [["country", { map: [["iso_code", country]] }]] }));
  }
  const tree = Buffer.alloc(nodes.length * 6);
  nodes.forEach(({ children }, index) => {
    children.forEach((child, side) => {
      const leaf = typeof child === "string" ? nodes.length + 16 + (offsets.get(child) ?? 0) : nodes.length;
      tree.writeUIntBE(typeof child === "object" ? nodes.indexOf(child) : leaf, index * 6 + side * 3, 3);
    });
  });
  const metadata = encode({
    map: [
      ["binary_format_major_version", { uint16: 2 }],
      ["binary_format_minor_version", { uint16: 0 }],
      ["build_epoch", { uint64: Math.floor(builtMs / 1000) }],
      ["database_type", databaseType],
      ["description", { map: [["en", "for tests"]] }],
      ["ip_version", { uint16: ipVersion }],
      ["languages", ["en"]],
      ["node_count", { uint32: nodes.length }],
      ["record_size", { uint16: 24 }],
    ],
  });
  const marker = Buffer.concat([Buffer.of(0xab, 0xcd, 0xef), Buffer.from("MaxMind.com")]);
  await writeFile(path, Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]));
}
