import { createRegistry, type DescFile, type DescMethod, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import type { IncomingMessage } from "node:http";
import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import type { Caller } from "../../app/caller.js";
import { decode } from "../codec/decode.js";
import type { AdmissionMethod } from "../admission/admission.js";
import { toConnectError } from "../interceptors/errors.js";
import type { CallRule, CallSource } from "../admission/authenticate.js";
import type { EnvelopeCheck } from "../../http/request-reader.js";

// The two versions differ in name only, so questions and answers are written once for both.
type Question =
  | { case: "listServices" | "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType"; value: string }
  | { case: "fileContainingExtension"; value: { containingType: string; extensionNumber: number } }
  | { case: undefined };

type Answer =
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | { case: "allExtensionNumbersResponse"; value: { baseTypeName: string; extensionNumber: number[] } }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

const versions = [ServerReflection, ServerReflectionAlpha];
/** Questions per stream; tools ask a few for each service. */
const MAX_QUESTIONS = 1_000;

/** The methods of reflection by path. */
export function reflectionMethods(
  admit: (call: CallSource, rule: CallRule, request: IncomingMessage, method: DescMethod) => Caller,
  prefix = "",
): [string, AdmissionMethod][] {
  return versions.map(({ method: { serverReflectionInfo: method } }) => [
    `${prefix}/${method.parent.typeName}/${method.name}`,
    {
      name: method.name,
      input: method.input,
      kind: "streams_up",
      admit: (call, request) => admit(call, { needsToken: false, budget: "rest" }, request, method),
      check: () => undefined,
    },
  ]);
}

/** Checks a question before it is decoded; both versions have the same encoding. @throws ConnectError */
export const checkQuestion: EnvelopeCheck = (request, message) => {
  const isJson = request.headers["content-type"]?.includes("json") === true;
  try {
    decode(ServerReflection.method.serverReflectionInfo.input, !isJson, Buffer.from(message));
  } catch (error) {
    throw toConnectError(error);
  }
};

/**
 * Server reflection (grpc/grpc, doc/server-reflection.md), v1 and v1alpha: lets `buf curl` and grpcurl call the given
 * services without their schema.
 */
export function reflectionRoutes(router: ConnectRouter, services: readonly DescService[]): void {
  const index = indexFiles([...services, ...versions]);
  async function* answerAll<T extends { host: string; messageRequest: Question }>(requests: AsyncIterable<T>) {
    let count = 0;
    for await (const originalRequest of requests) {
      if (++count > MAX_QUESTIONS) {
        throw new ConnectError(`a stream may have at most ${String(MAX_QUESTIONS)} questions`, Code.ResourceExhausted);
      }
      const { host, messageRequest } = originalRequest;
      yield { validHost: host, originalRequest, messageResponse: answer(index, messageRequest) };
    }
  }
  router.service(ServerReflection, { serverReflectionInfo: answerAll });
  router.service(ServerReflectionAlpha, { serverReflectionInfo: answerAll });
}

interface Index {
  services: string[];
  byName: Map<string, DescFile>;
  bySymbol: Map<string, DescFile>;
  /** By extended type and number. */
  extensions: Map<string, Map<number, DescFile>>;
}

function answer(index: Index, request: Question): Answer {
  switch (request.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: index.services.map((name) => ({ name })) } };
    case "fileByFilename":
      return fileAnswer(index.byName.get(request.value));
    case "fileContainingSymbol":
      return fileAnswer(index.bySymbol.get(request.value));
    case "fileContainingExtension":
      return fileAnswer(index.extensions.get(request.value.containingType)?.get(request.value.extensionNumber));
    case "allExtensionNumbersOfType": {
      const extensionNumber = [...(index.extensions.get(request.value)?.keys() ?? [])];
      return { case: "allExtensionNumbersResponse", value: { baseTypeName: request.value, extensionNumber } };
    }
    case undefined:
      throw new ConnectError("message_request: is required", Code.InvalidArgument);
  }
}

function fileAnswer(file: DescFile | undefined): Answer {
  if (file === undefined) {
    return { case: "errorResponse", value: { errorCode: Code.NotFound, errorMessage: "not found" } };
  }
  const fileDescriptorProto = withDependencies(file).map(encodeFile);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

const encodedFiles = new Map<DescFile, Uint8Array>();

/** Encoding a file costs a thousand times as much as requesting it. */
function encodeFile(file: DescFile): Uint8Array {
  const encoded = encodedFiles.get(file) ?? toBinary(FileDescriptorProtoSchema, file.proto);
  encodedFiles.set(file, encoded);
  return encoded;
}

function withDependencies(file: DescFile, seen = new Set<DescFile>()): DescFile[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return [file, ...file.dependencies.flatMap((dependency) => withDependencies(dependency, seen))];
}

function indexFiles(services: readonly DescService[]): Index {
  const index: Index = {
    services: services.map((service) => service.typeName),
    byName: new Map(),
    bySymbol: new Map(),
    extensions: new Map(),
  };
  const seen = new Set<DescFile>();
  for (const file of services.flatMap((service) => withDependencies(service.file, seen))) {
    index.byName.set(file.proto.name, file);
    for (const type of createRegistry(file)) addType(index, type, file);
  }
  return index;
}

type RegistryType = ReturnType<typeof createRegistry> extends Iterable<infer T> ? T : never;

function addType(index: Index, type: RegistryType, file: DescFile): void {
  index.bySymbol.set(type.typeName, file);
  if (type.kind === "service")
    type.methods.forEach((method) => index.bySymbol.set(`${type.typeName}.${method.name}`, file));
  if (type.kind === "message")
    type.fields.forEach((field) => index.bySymbol.set(`${type.typeName}.${field.name}`, file));
  if (type.kind !== "extension") return;
  const numbers = index.extensions.get(type.extendee.typeName) ?? new Map<number, DescFile>();
  index.extensions.set(type.extendee.typeName, numbers.set(type.number, file));
}
