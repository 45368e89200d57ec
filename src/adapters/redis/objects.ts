const roles = ["offerer", "answerer"];
/** What a match has for each side, in fields such as `offerer_id`. */
const side = [
  ...["id", "party", "since", "soft_since", "round"],
  ...["sequence", "offered", "mode", "profile", "price", "rematch"],
];

/**
 * The fields of the objects that the scripts pack, each kind in the order in which it is stored. A new field is the
 * last one, so that what an earlier version stored can be read.
 */
export const objects = {
  /** Totals of the realm, and what else it has one of. */
  counts: [
    ...["sessions", "waiting", "matches", "average_wait", "mail", "moves", "reserved", "event"],
    ...["incarnation", "life", "former", "places_span", "places"],
  ],
  session: [
    ...["epoch", "generation", "attached", "node", "state", "match", "role", "sequence", "bytes", "address", "party"],
    ...["opened", "incarnation", "incarnation_start", "made", "received", "unanswered", "reaped", "redacted"],
    ...["reserved", "visit", "other"],
  ],
  match: [
    ...["start", "relay", "shared", "shared_others", "answered"],
    ...roles.flatMap((role) => side.map((name) => `${role}_${name}`)),
  ],
  wait: [
    ...["since", "soft_since", "round", "score", "stage", "gave_way", "gives_way_at", "queued", "look", "sent"],
    ...["search", "recent", "search_at"],
  ],
} as const satisfies Record<string, readonly string[]>;

/**
 * The Lua functions that unpack and pack each kind, and the names of a side's fields. Values are packed one by one,
 * without a table around them, which Lua would have to build.
 */
export function objectCodecs(): string {
  const kinds = Object.entries(objects).map(([kind, fields]) => {
    const pairs = fields.map((name) => `${name} = ${name}`);
    const values = fields.map((name) => `object.${name}`);
    return [
      `function unpacked.${kind}(id, key, ${fields.join(", ")})`,
      `return { kind = "${kind}", id = id, key = key, ${pairs.join(", ")} }`,
      "end",
      `function packed.${kind}(object) return cmsgpack.pack(${values.join(", ")}) end`,
    ].join("\n");
  });
  return ["local unpacked, packed = {}, {}", ...kinds, `local SIDE = { ${roles.map(sideFields).join(", ")} }`].join(
    "\n",
  );
}

/** The names of the fields of a side, by what they are of it. */
function sideFields(role: string): string {
  return `${role} = { ${side.map((name) => `${name} = "${role}_${name}"`).join(", ")} }`;
}
