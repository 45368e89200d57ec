import type { DescField, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const FOLDER = "satoshigle/v1";
/** What `src/client/buf.gen.yaml` leaves out. */
const WITHOUT = {
  files: ["answer_pb.ts", "warning_pb.ts"],
  messages: ["satoshigle.v1.ReportUpdated", "satoshigle.v1.Warned"],
};
const names = readdirSync(`gen/${FOLDER}`).filter((name) => !WITHOUT.files.includes(name));

/** The descriptor of a file in generated code. */
async function fileIn(root: string, name: string): Promise<DescFile> {
  const module = (await import(resolve(root, FOLDER, name))) as Record<string, DescFile>;
  const file = Object.entries(module).find(([key]) => key.startsWith("file_"))?.[1];
  if (file === undefined) throw new Error(`${root}/${FOLDER}/${name} has no descriptor`);
  return file;
}

const describeField = (field: DescField) => ({
  ...{ name: field.name, number: field.number, localName: field.localName, kind: field.fieldKind },
  ...{ scalar: field.scalar, message: field.message?.typeName, enum: field.enum?.typeName, oneof: field.oneof?.name },
  ...{ presence: field.presence, list: field.fieldKind === "list" && [field.listKind, field.packed] },
});

const isKept = (typeName: string | undefined) => typeName === undefined || !WITHOUT.messages.includes(typeName);
const keptOf = (fields: readonly DescField[]) => fields.filter(({ message }) => isKept(message?.typeName));

const describeMessage = (message: DescMessage): unknown => ({
  name: message.typeName,
  fields: keptOf(message.fields).map(describeField),
  oneofs: message.oneofs.map(({ name, fields }) => [name, keptOf(fields).map(({ name }) => name)]),
  messages: message.nestedMessages.map(describeMessage),
  enums: message.nestedEnums.map(({ typeName }) => typeName),
});

const describeService = ({ typeName, methods }: DescService) => [
  typeName,
  ...methods.map(({ name, methodKind, input, output }) => [name, methodKind, input.typeName, output.typeName]),
];

const describeFile = ({ messages, enums, services }: DescFile) => ({
  messages: messages.filter(({ typeName }) => isKept(typeName)).map(describeMessage),
  enums: enums.map(({ typeName }) => typeName),
  services: services.map(describeService),
});

it.each(names)("the client's short descriptors of %s describe the same messages as the server's", async (name) => {
  const [own, server] = await Promise.all([fileIn("src/client/gen", name), fileIn("gen", name)]);
  expect(describeFile(server).messages.length).toBeGreaterThan(0);
  expect(describeFile(own)).toEqual(describeFile(server));
});
