import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig, variables } from "../../src/config.js";
import { request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { expectTimeToDrain } from "./support/drain.js";
import { ending } from "./support/files.js";
import { moduleOf, typeErrors } from "./support/kubernetes-types.js";
import { allOfKind, type Manifest, readManifests } from "./support/manifests.js";

const SECONDS = 1_000;
const manifests = readManifests();
const [deployment] = allOfKind(manifests, "Deployment");
const template = deployment?.spec?.template;
const pod = template?.spec;
const [container] = pod?.containers ?? [];
const labels = template?.metadata?.labels;
const [configMap] = allOfKind(manifests, "ConfigMap");
const [secret] = allOfKind(manifests, "Secret");

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "600000" });
});
afterAll(() => server.close());

it.each(manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one] as const))(
  "%s is valid by the schema of Kubernetes",
  async (_, manifest) => {
    const models = (await import(moduleOf(manifest))) as Record<string, new (data: Manifest) => { validate(): void }>;
    const Model = models[manifest.kind];
    if (Model === undefined) throw new Error(`${manifest.apiVersion} has no ${manifest.kind}`);
    expect(() => {
      new Model(manifest).validate();
    }).not.toThrow();
  },
);

it("has no unknown fields", () => {
  expect(typeErrors(manifests)).toEqual([]);
  const misspelt = JSON.parse(JSON.stringify(manifests).replace("readinessProbe", "readyProbe")) as Manifest[];
  expect(typeErrors(misspelt)).toEqual([expect.stringContaining("readyProbe")]);
});

it("gives the server variables that it accepts in production", () => {
  const given = { ...configMap?.data, ...secret?.stringData };
  expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(given)));
  expect(() => loadConfig({ NODE_ENV: "production", ...given })).not.toThrow();
  const sources = container?.envFrom?.map(({ configMapRef, secretRef }) => (configMapRef ?? secretRef)?.name);
  expect(sources).toEqual([configMap?.metadata?.name, secret?.metadata?.name]);
});

it("selects its own pods everywhere, and existing port names", () => {
  const services = allOfKind(manifests, "Service");
  expect(services.map(({ metadata }) => metadata?.name)).toEqual(configMap?.data?.HOSTS?.split(","));
  const [budget] = allOfKind(manifests, "PodDisruptionBudget");
  const [policy] = allOfKind(manifests, "NetworkPolicy");
  const selectors = [deployment?.spec, budget?.spec].map((spec) => spec?.selector?.matchLabels);
  const others = [...services.map(({ spec }) => spec?.selector), policy?.spec?.podSelector.matchLabels];
  for (const selector of [...selectors, ...others]) expect(labels).toMatchObject(selector ?? { none: "" });
  const ports: Record<string, number> = Object.fromEntries(
    container?.ports?.map(({ name, containerPort }) => [name ?? "", containerPort] as const) ?? [],
  );
  expect(ports).toEqual({ public: Number(variables.PORT.default), internal: Number(variables.INTERNAL_PORT.default) });
  const targets = services.flatMap(({ spec }) => spec?.ports?.map(({ targetPort }) => targetPort));
  const allowed = policy?.spec?.ingress?.flatMap(({ ports: some }) => some?.map(({ port }) => port));
  expect(targets).toEqual(["public", "internal"]);
  expect(allowed).toEqual(["public", "internal"]);
  expect(template?.metadata?.annotations?.["prometheus.io/port"]).toBe(String(ports.internal));
});

it("keeps the internal listener inside the cluster", () => {
  const internal = allOfKind(manifests, "Service").find(({ metadata }) => metadata?.name === "satoshigle-internal");
  expect(internal?.spec?.type).toBe("ClusterIP");
  const [policy] = allOfKind(manifests, "NetworkPolicy");
  const rule = policy?.spec?.ingress?.find(({ ports }) => ports?.some(({ port }) => port === "internal"));
  expect(rule?.from).toHaveLength(1);
});

it("runs without privileges", () => {
  expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
  expect(container?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

it.each(["startupProbe", "readinessProbe", "livenessProbe"] as const)(
  "has a %s that the server passes",
  async (name) => {
    const { path = "", port } = container?.[name]?.httpGet ?? {};
    expect(port).toBe("public");
    expect((await request(`${server.url}${path}`)).status).toBe(200);
    expect((await request(`${server.internalUrl}/metrics`)).status).toBe(200);
  },
);

it("drains streams before the pod stops, and waits until they have ended", async () => {
  const [command, ...args] = container?.lifecycle?.preStop?.exec?.command ?? [];
  expect(command).toBe("node");
  const person = await TestClient.open(transportTo(server.url));
  const draining = ending(process.execPath, args, { INTERNAL_PORT: String(server.internalPort) });
  await person.until("draining");
  expect((await request(`${server.url}/readyz`)).status).toBe(503);
  await person.break();
  expect(await draining).toEqual({ code: 0, output: "" });
  expectTimeToDrain(Number(pod?.terminationGracePeriodSeconds) * SECONDS, configMap?.data?.DRAIN_TIMEOUT_MS);
});
