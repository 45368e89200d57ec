import { createFileRegistry } from "@bufbuild/protobuf";
import type { GenFile } from "@bufbuild/protobuf/codegenv2";
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
  ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";

/** The parts of a `.proto` file that differ from their defaults. */
export interface FileInit {
  name: string;
  package: string;
  messageType?: MessageInit[];
  enumType?: EnumInit[];
  service?: ServiceInit[];
}

interface MessageInit {
  name: string;
  field?: (Pick<FieldDescriptorProto, "name" | "number" | "type"> & Partial<FieldDescriptorProto>)[];
  nestedType?: MessageInit[];
  enumType?: EnumInit[];
  oneofDecl?: { name: string }[];
  options?: { mapEntry: boolean };
}

interface EnumInit {
  name: string;
  value: { name: string; number: number }[];
}

interface ServiceInit {
  name: string;
  method: { name: string; inputType: string; outputType: string; serverStreaming?: boolean }[];
}

/**
 * Builds the descriptor of a file for the generated code. The library's `fileDesc` does the same with encoded
 * descriptors, and brings along the descriptor of descriptors to decode them: 5 KB, compressed.
 */
export function describeFile(init: FileInit, imports: readonly GenFile[] = []): GenFile {
  const proto = {
    $typeName: "google.protobuf.FileDescriptorProto",
    syntax: "proto3",
    name: init.name,
    package: init.package,
    messageType: init.messageType?.map(describeMessage) ?? [],
    enumType: (init.enumType ?? []) as EnumDescriptorProto[],
    service: (init.service ?? []) as ServiceDescriptorProto[],
    extension: [],
    dependency: imports.map((file) => file.proto.name),
  } as unknown as FileDescriptorProto;
  const find = (name: string) => imports.find((file) => file.proto.name === name);
  const file = createFileRegistry(proto, find).getFile(init.name);
  if (!file) throw new Error(`${init.name} has no descriptor`);
  return file;
}

function describeMessage(init: MessageInit): DescriptorProto {
  const nestedType = init.nestedType?.map(describeMessage) ?? [];
  return { field: [], enumType: [], oneofDecl: [], extension: [], ...init, nestedType } as unknown as DescriptorProto;
}
