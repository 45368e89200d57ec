import { execFileSync } from "node:child_process";
import type { IDeployment } from "kubernetes-models/apps/v1";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type { IConfigMap, ISecret, IService } from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";
import { readYaml } from "./files.js";

export const FOLDER = "deploy/kubernetes";

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

interface Kinds {
  ConfigMap: IConfigMap;
  Deployment: IDeployment;
  NetworkPolicy: INetworkPolicy;
  PodDisruptionBudget: IPodDisruptionBudget;
  Secret: ISecret;
  Service: IService;
}

/** The manifests that `kubectl apply -k` sends, and the example of a secret, which is applied separately. */
export function readManifests(): Manifest[] {
  const built = execFileSync("kubectl", ["kustomize", FOLDER], { encoding: "utf8" });
  const documents = parseAllDocuments(built).map((document) => document.toJS() as Manifest);
  return [...documents, readYaml(`${FOLDER}/secret.example.yaml`) as Manifest];
}

export function allOfKind<Kind extends keyof Kinds>(manifests: readonly Manifest[], kind: Kind): Kinds[Kind][] {
  return manifests.filter((one) => one.kind === kind) as Kinds[Kind][];
}
