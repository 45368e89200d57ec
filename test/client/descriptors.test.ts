import type { DescField, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { READERS } from "../../src/client/moderation/notices.js";

const FOLDER = "satoshigle/v1";
const EVENTS = "event_pb.ts";
/** What `src/client/buf.gen.yaml` generates in a folder of its own, to be loaded later. */
const LATER = ["satoshigle.v1.ReportUpdated", "satoshigle.v1.Warned"];
const names = readdirSync(`gen/${FOLDER}`);

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

const isKept = (typeName: string | undefined) => typeName === undefined || !LATER.includes(typeName);
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

it("what is loaded later describes the same messages as the server's, under the numbers of their fields", async () => {
  const [own, server] = await Promise.all([fileIn("src/client/moderation/gen", EVENTS), fileIn("gen", EVENTS)]);
  const described = own.messages.map(({ typeName }) => typeName);
  expect(described).toEqual(LATER);
  expect(own.messages.map(describeMessage)).toEqual(
    server.messages.filter(({ typeName }) => LATER.includes(typeName)).map(describeMessage),
  );
  const fields = SignalResponseSchema.fields.filter(({ message }) => LATER.includes(message?.typeName ?? ""));
  expect([...READERS.keys()]).toEqual(fields.map(({ number }) => number));
});
