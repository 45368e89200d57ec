import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AdminService } from "../../gen/satoshigle/internal/v1/admin_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";

export interface Clients {
  monitoring: Client<typeof MonitoringService>;
  admin: Client<typeof AdminService>;
  moderation: Client<typeof ModerationService>;
}

/** How long a call may take, in milliseconds. Streams have no limit. */
const TIMEOUT_MS = 10_000;

export function createClients(baseUrl: string): Clients {
  const calls = createConnectTransport({ baseUrl, defaultTimeoutMs: TIMEOUT_MS });
  return {
    monitoring: createClient(MonitoringService, createConnectTransport({ baseUrl })),
    admin: createClient(AdminService, calls),
    moderation: createClient(ModerationService, calls),
  };
}
