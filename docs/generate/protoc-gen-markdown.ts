import {
  type DescEnum,
  type DescEnumValue,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  ScalarType,
} from "@bufbuild/protobuf";
import { createEcmaScriptPlugin, getComments, runNodeJs, type Schema } from "@bufbuild/protoplugin";

type Commented = Parameters<typeof getComments>[0];
type Block = readonly string[];

/** The comment above a declaration, as Markdown paragraphs. */
function comment(desc: Commented): string {
  const text = getComments(desc).leading ?? "";
  return text
    .replace(/^ /gm, "")
    .trim()
    .replace(/(?<!\n)\n(?!\n|[-*] )/g, " ");
}

/** The comment as the cell of a table, where paragraphs are line breaks. */
const cell = (desc: Commented) => comment(desc).replaceAll("|", "\\|").replace(/\n+/g, "<br>");
const table = (...rows: Block[]) =>
  [rows[0] ?? [], (rows[0] ?? []).map(() => "---"), ...rows.slice(1)].map((row) => `| ${row.join(" | ")} |`).join("\n");
/** The name within its package: `Tip.Role` of `satoshigle.v1.Tip.Role`. */
const localName = (desc: DescMessage | DescEnum) => desc.typeName.slice(desc.file.proto.package.length + 1);
const anchor = (title: string) => title.toLowerCase().replace(/[^\w-]/g, "");

/** A message or enum, linked when it is on the same page. */
function reference(desc: DescMessage | DescEnum, from: string): string {
  const { package: home } = desc.file.proto;
  if (home === from) return `[${localName(desc)}](#${anchor(localName(desc))})`;
  return home.startsWith("satoshigle.") ? `[${desc.typeName}](${home}.md#${anchor(localName(desc))})` : desc.typeName;
}

function typeOf(field: DescField, from: string): string {
  const element = field.message ?? field.enum ?? field.scalar;
  const name = typeof element === "object" ? reference(element, from) : ScalarType[element].toLowerCase();
  if (field.fieldKind === "map") return `map of ${name}`;
  if (field.fieldKind === "list") return `repeated ${name}`;
  return field.proto.proto3Optional ? `optional ${name}` : name;
}

const fieldRow = (field: DescField, from: string): Block => [
  `\`${field.name}\``,
  typeOf(field, from) + (field.oneof === undefined ? "" : `, one of \`${field.oneof.name}\``),
  cell(field),
];
const valueRow = (value: DescEnumValue): Block => [`\`${value.name}\``, String(value.number), cell(value)];
const oneofLine = (oneof: DescOneof) => `\`${oneof.name}\`: ${comment(oneof)}`;

function messageBlocks(message: DescMessage): Block {
  const from = message.file.proto.package;
  const fields = message.fields.map((field) => fieldRow(field, from));
  return [
    `### ${localName(message)}`,
    comment(message),
    ...message.oneofs.map(oneofLine),
    fields.length === 0 ? "No fields." : table(["field", "type", "meaning"], ...fields),
    ...message.nestedEnums.flatMap(enumBlocks),
    ...message.nestedMessages.flatMap(messageBlocks),
  ];
}

function enumBlocks(desc: DescEnum): Block {
  const values = table(["value", "number", "meaning"], ...desc.values.map(valueRow));
  return [`### ${localName(desc)}`, comment(desc), values];
}

function methodBlocks(method: DescMethod): Block {
  const from = method.parent.file.proto.package;
  const stream = method.methodKind === "server_streaming" ? "stream of " : "";
  const types = `${reference(method.input, from)} → ${stream}${reference(method.output, from)}`;
  return [`### ${method.parent.name}.${method.name}`, types, comment(method)];
}

const serviceBlocks = (service: DescService): Block => [
  `## ${service.name}`,
  comment(service),
  ...service.methods.flatMap(methodBlocks),
];

/** One page per package: services with their methods, then messages and enums. */
function generate(schema: Schema): void {
  for (const name of [...new Set(schema.files.map((file) => file.proto.package))].sort()) {
    const files = schema.files.filter((file) => file.proto.package === name);
    const page = schema.generateFile(`${name}.md`);
    const blocks: Block = [
      `# ${name}`,
      "Generated from the `.proto` files by `npm run generate`. Do not edit.",
      ...files.flatMap((file) => file.services.flatMap(serviceBlocks)),
      "## Messages and enums",
      ...files.flatMap((file) => [...file.messages.flatMap(messageBlocks), ...file.enums.flatMap(enumBlocks)]),
    ];
    page.print(blocks.filter((block) => block !== "").join("\n\n"));
  }
}

runNodeJs(createEcmaScriptPlugin({ name: "protoc-gen-markdown", version: "v1", generateTs: generate }));
