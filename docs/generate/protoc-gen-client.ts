import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse_File,
  CodeGeneratorResponse_FileSchema,
  CodeGeneratorResponseSchema,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { spawnSync } from "node:child_process";
import { buffer } from "node:stream/consumers";

// Generates the client's messages: what `protoc-gen-es` generates, but with descriptors as object literals, because the
// code that decodes descriptors is a large part of a page. See `src/client/file-descriptor.ts`.

const WELL_KNOWN = /^google\/protobuf\/(\w+)\.proto$/;
/** What the client has no use for, as its messages travel in binary. Of labels and options, it needs those of lists and maps. */
const UNUSED = new Set([
  ...["$typeName", "$unknown", "jsonName", "syntax", "dependency", "options", "sourceCodeInfo"],
  ...["label", "reservedName", "reservedRange"],
]);

/** Of the values of an enum, the library needs the default. The generated TypeScript has the others. */
const DEFAULT_VALUE = { name: "_", number: 0 };

/** Returns what is set in a descriptor, without what is unused or has its default value. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== "object" || value === null) return value;
  const { $typeName: kind } = value as { $typeName?: string };
  if (kind === "google.protobuf.EnumDescriptorProto") {
    return { value: [DEFAULT_VALUE], name: (value as EnumDescriptorProto).name };
  }
  const { label } = value as Partial<FieldDescriptorProto>;
  const { options } = value as Partial<DescriptorProto>;
  const entries = Object.entries(value).filter(
    ([key, one]) => !UNUSED.has(key) && !(Array.isArray(one) && one.length === 0),
  );
  return {
    ...Object.fromEntries(entries.map(([key, one]) => [key, compact(one)])),
    ...(label === FieldDescriptorProto_Label.REPEATED && { label }),
    ...(options?.mapEntry && { options: { mapEntry: true } }),
  };
}

const literal = (file: FileDescriptorProto) => JSON.stringify(compact(file));

/** Replaces the encoded descriptor of a generated file, and what it imports from the library for it. */
function rewrite(file: CodeGeneratorResponse_File, request: CodeGeneratorRequest): CodeGeneratorResponse_File {
  const proto = request.protoFile.find(({ name }) => file.name === name.replace(/\.proto$/, "_pb.ts"));
  if (!proto) throw new Error(`${file.name} belongs to no file`);
  const root = "../".repeat(file.name.split("/").length - 1);
  const content = file.content
    .replace(/\bfileDesc\("[\w+/=]+"/, () => `describeFile(${literal(proto)}`)
    .replace(/^(import \{.*?)fileDesc, (.*)$/m, `$1$2\nimport { describeFile } from "${root}../file-descriptor.js";`)
    .replace(
      /^(import \{ file_google_protobuf_.*) from "@bufbuild\/protobuf\/wkt";$/m,
      `$1 from "${root}well-known.js";`,
    );
  return create(CodeGeneratorResponse_FileSchema, { name: file.name, content });
}

/** The descriptors of the well-known types in use. Their TypeScript types are those of the library. */
function wellKnown({ protoFile }: CodeGeneratorRequest): CodeGeneratorResponse_File {
  const used = protoFile.filter(
    ({ name }) => WELL_KNOWN.test(name) && protoFile.some((file) => file.dependency.includes(name)),
  );
  const lines = used.map((file) => {
    const name = `file_${file.name.replace(/\.proto$/, "").replaceAll("/", "_")}`;
    return `export const ${name}: GenFile = /*@__PURE__*/\n  describeFile(${literal(file)});\n`;
  });
  const head = [
    "/* eslint-disable */",
    'import type { GenFile } from "@bufbuild/protobuf/codegenv2";',
    'import { describeFile } from "../file-descriptor.js";',
  ];
  return create(CodeGeneratorResponse_FileSchema, {
    name: "well-known.ts",
    content: [...head, "", ...lines].join("\n"),
  });
}

const input = await buffer(process.stdin);
const { stdout, stderr, status } = spawnSync("node_modules/.bin/protoc-gen-es", { input, maxBuffer: 1 << 26 });
if (status !== 0) throw new Error(String(stderr));
const request = fromBinary(CodeGeneratorRequestSchema, input);
const response = fromBinary(CodeGeneratorResponseSchema, stdout);
response.file = [...response.file.map((file) => rewrite(file, request)), wellKnown(request)];
process.stdout.write(toBinary(CodeGeneratorResponseSchema, response));
