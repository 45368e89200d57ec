import type { DescField, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { InMatchSchema, MatchedSchema } from "../../gen/satoshigle/v1/event_pb.js";
import { unreadFields } from "../../docs/generate/unread-fields.js";
import { SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { READERS } from "../../src/client/moderation/notices.js";
import { PRICES_FIELD } from "../../src/client/tips/minute-prices.js";

const FOLDER = "satoshigle/v1";
const EVENTS = "event_pb.ts";
/** What `src/client/buf.gen.yaml` generates in folders of their own, to be loaded later. */
const NOTICES = ["satoshigle.v1.ReportUpdated", "satoshigle.v1.Warned"];
const PRICES = ["satoshigle.v1.MinutePrices"];
const LATER = [...NOTICES, ...PRICES];
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
const keptOf = (fields: readonly DescField[]) =>
  fields.filter(({ message, parent, name }) => {
    return isKept(message?.typeName) && !unreadFields.has(`${parent.typeName}.${name}`);
  });

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

it.each([
  ["src/client/moderation/gen", NOTICES],
  ["src/client/tips/gen", PRICES],
])("what is loaded later in %s describes the same messages as the server's", async (folder, later) => {
  const [own, server] = await Promise.all([fileIn(folder, EVENTS), fileIn("gen", EVENTS)]);
  expect(own.messages.map(({ typeName }) => typeName).toSorted()).toEqual(later.toSorted());
  const sameOfServer = server.messages.filter(({ typeName }) => later.includes(typeName));
  expect(own.messages.map(describeMessage)).toEqual(sameOfServer.map(describeMessage));
});

it("what is loaded later is read from the numbers of its fields", () => {
  const numbersIn = ({ fields }: DescMessage, names: readonly string[]) =>
    fields.filter(({ message }) => names.includes(message?.typeName ?? "")).map(({ number }) => number);
  expect([...READERS.keys()]).toEqual(numbersIn(SignalResponseSchema, NOTICES));
  expect(numbersIn(MatchedSchema, PRICES)).toEqual([PRICES_FIELD]);
  expect(numbersIn(InMatchSchema, PRICES)).toEqual([PRICES_FIELD]);
});
