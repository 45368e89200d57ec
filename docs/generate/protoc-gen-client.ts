import { create, fromBinary, isFieldSet, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse_File,
  CodeGeneratorResponse_FileSchema,
  CodeGeneratorResponseSchema,
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  type ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { spawnSync } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { unreadFields } from "./unread-fields.js";
import type { FileInit, MessageInit, ServiceInit } from "../../src/client/file-descriptor.js";

// Generates the client's messages: what `protoc-gen-es` generates, but with descriptors in a short notation, because
// descriptors and the code that decodes them are a large part of a page. See `src/client/file-descriptor.ts`.

const WELL_KNOWN = /^google\/protobuf\/(\w+)\.proto$/;
/** An option of this plugin alone: the path from the folder of generated code to `src/client`. */
const CLIENT_OPTION = /,?\bclient=([./]+)/;
/** Returns a field in the notation of `FileInit`: what follows from the field before, and the type string, is left out. */
function fieldInit(field: FieldDescriptorProto, before: number, scope: string): string {
  const { name, number, type, typeName, label, proto3Optional } = field;
  const part = isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex) ? String(field.oneofIndex) : "";
  const mark = proto3Optional ? "?" : label === FieldDescriptorProto_Label.REPEATED ? "*" : "";
  const values = [
    ...[name, number === before + 1 ? "" : String(number)],
    ...[type === FieldDescriptorProto_Type.STRING ? "" : String(type)],
    ...[typeName.startsWith(scope) ? typeName.slice(scope.length) : typeName],
    ...[mark, part],
  ];
  return values.join(" ").trimEnd();
}

const namesOf = (declared: readonly { name: string }[]) => declared.map(({ name }) => name).join();

/** Returns a message in the notation of `MessageInit`, without the empty parts at its end. */
function messageInit(message: DescriptorProto, scope: string): MessageInit {
  const { name, field, oneofDecl, nestedType, enumType, options } = message;
  const fields = field.map((one, index) => fieldInit(one, field[index - 1]?.number ?? 0, scope)).join();
  const nested = nestedType.map((one) => messageInit(one, scope));
  const isMapEntry = options?.mapEntry ? 1 : 0;
  const all: Required<MessageInit> = [name, fields, namesOf(oneofDecl), nested, namesOf(enumType), isMapEntry];
  const last = all.findLastIndex((part) => (Array.isArray(part) ? part.length > 0 : Boolean(part)));
  return all.slice(0, last + 1) as MessageInit;
}

/** Returns a service in the notation of `ServiceInit`. */
function serviceInit({ name, method }: ServiceDescriptorProto, scope: string): ServiceInit {
  const methods = method.map(({ name, inputType, outputType, serverStreaming }) =>
    [name, inputType.replace(scope, ""), outputType.replace(scope, ""), ...(serverStreaming ? ["*"] : [])].join(" "),
  );
  return [name, methods.join()];
}

/** Returns a file in the notation of `src/client/file-descriptor.ts`, as the arguments of `describeFile`. */
function literal(file: FileDescriptorProto): string {
  const scope = `.${file.package}.`;
  const messages = file.messageType.map((message) => messageInit(message, scope));
  const services = file.service.map((service) => serviceInit(service, scope));
  const init: FileInit = [file.name, file.package, messages, namesOf(file.enumType), services];
  return JSON.stringify(init);
}

/** Replaces the encoded descriptor of a generated file, and what it imports from the library for it. */
function rewrite(file: CodeGeneratorResponse_File, { protoFile }: CodeGeneratorRequest): CodeGeneratorResponse_File {
  const proto = protoFile.find(({ name }) => file.name === name.replace(/\.proto$/, "_pb.ts"));
  if (!proto) throw new Error(`${file.name} belongs to no file`);
  const root = "../".repeat(file.name.split("/").length - 1);
  const content = file.content
    .replace(/\bfileDesc\("[\w+/=]+"/, () => `describeFile(${literal(proto)}`)
    .replace(
      /^(import \{.*?)fileDesc, (.*)$/m,
      `$1$2\nimport { describeFile } from "${root}${client}file-descriptor.js";`,
    )
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
    `import { describeFile } from "${client}file-descriptor.js";`,
  ];
  return create(CodeGeneratorResponse_FileSchema, {
    name: "well-known.ts",
    content: [...head, "", ...lines].join("\n"),
  });
}

const request = fromBinary(CodeGeneratorRequestSchema, await buffer(process.stdin));
const client = CLIENT_OPTION.exec(request.parameter)?.[1] ?? "../";
request.parameter = request.parameter.replace(CLIENT_OPTION, "");
for (const { package: scope, messageType } of [...request.protoFile, ...request.sourceFileDescriptors]) {
  for (const message of messageType) {
    message.field = message.field.filter(({ name }) => !unreadFields.has(`${scope}.${message.name}.${name}`));
  }
}
const input = toBinary(CodeGeneratorRequestSchema, request);
const { stdout, stderr, status } = spawnSync("node_modules/.bin/protoc-gen-es", { input, maxBuffer: 1 << 26 });
if (status !== 0) throw new Error(String(stderr));
const response = fromBinary(CodeGeneratorResponseSchema, stdout);
response.file = [...response.file.map((file) => rewrite(file, request)), wellKnown(request)];
process.stdout.write(toBinary(CodeGeneratorResponseSchema, response));
