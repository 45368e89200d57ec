import { createFileRegistry } from "@bufbuild/protobuf";
import type { GenFile } from "@bufbuild/protobuf/codegenv2";
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";

// What the library needs of a `.proto` file, in a short notation: messages travel in binary, so most of a descriptor is
// unused. A list of names or of fields is one text, separated by commas. A type of the same package is written without
// the package.

/** Name, package, messages, names of the enums, services. */
export type FileInit = [name: string, scope: string, messages: MessageInit[], enums: string, services: ServiceInit[]];

/**
 * Name, fields, names of the oneofs, nested messages, names of the enums, and 1 for an entry of a map. A field is
 * `name number type typeName label oneof`: the next number, the type string, and what does not apply are empty; the label
 * is `*` of a list or a map and `?` of an optional field; the oneof is an index.
 */
export type MessageInit = [
  name: string,
  fields?: string,
  oneofs?: string,
  nested?: MessageInit[],
  enums?: string,
  isMapEntry?: 0 | 1,
];

/** Name, and methods as `name input output`, with `*` for a stream of outputs. */
export type ServiceInit = [name: string, methods: string];

const STRING = 9;
const REPEATED = 3;

/**
 * Builds the descriptor of a file for the generated code. The library's `fileDesc` does the same with encoded
 * descriptors, and brings along the descriptor of descriptors to decode them: 5 KB, compressed.
 */
export function describeFile(
  [name, scope, messages, enums, services]: FileInit,
  imports: readonly GenFile[] = [],
): GenFile {
  const proto = {
    $typeName: "google.protobuf.FileDescriptorProto",
    syntax: "proto3",
    name,
    package: scope,
    messageType: messages.map((message) => describeMessage(message, scope)),
    enumType: describeEnums(enums),
    service: services.map((service) => describeService(service, scope)),
    extension: [],
    dependency: imports.map((file) => file.proto.name),
  } as unknown as FileDescriptorProto;
  const find = (wanted: string) => imports.find((file) => file.proto.name === wanted);
  const file = createFileRegistry(proto, find).getFile(name);
  if (!file) throw new Error(name);
  return file;
}

const split = (list: string) => list.match(/[^,]+/g) ?? [];
const qualify = (name: string, scope: string) => (name.startsWith(".") ? name : `.${scope}.${name}`);

function describeMessage(
  [name, fields = "", oneofs = "", nested = [], enums = "", isMapEntry]: MessageInit,
  scope: string,
): DescriptorProto {
  let last = 0;
  const describe = (field: string) => {
    const described = describeField(field, last, scope);
    last = described.number;
    return described;
  };
  return {
    name,
    field: split(fields).map(describe),
    oneofDecl: split(oneofs).map((oneof) => ({ name: oneof })),
    nestedType: nested.map((message) => describeMessage(message, scope)),
    enumType: describeEnums(enums),
    extension: [],
    ...(isMapEntry && { options: { mapEntry: true } }),
  } as unknown as DescriptorProto;
}

function describeField(field: string, last: number, scope: string): FieldDescriptorProto {
  const [name, number, type, typeName, label, oneof] = field.split(" ");
  return {
    name,
    number: Number(number) || last + 1,
    type: Number(type) || STRING,
    typeName: typeName && qualify(typeName, scope),
    label: label === "*" ? REPEATED : 0,
    proto3Optional: label === "?",
    oneofIndex: oneof && Number(oneof),
  } as unknown as FieldDescriptorProto;
}

/** Of the values of an enum, the library needs the default. The generated TypeScript has the others. */
function describeEnums(names: string): EnumDescriptorProto[] {
  return split(names).map((name) => ({ name, value: [{ name: "_", number: 0 }] })) as unknown as EnumDescriptorProto[];
}

function describeService([name, methods]: ServiceInit, scope: string): ServiceDescriptorProto {
  const method = split(methods).map((text) => {
    const [name, inputType = "", outputType = "", serverStreaming] = text.split(" ");
    return { name, inputType: qualify(inputType, scope), outputType: qualify(outputType, scope), serverStreaming };
  });
  return { name, method } as unknown as ServiceDescriptorProto;
}
