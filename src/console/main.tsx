import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { render } from "preact";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { StatusPage } from "./status/status-page.js";
import "./style.css";

// Each section of the console has its own folder. So far, status is the only one.
const transport = createConnectTransport({ baseUrl: location.origin });
const root = document.getElementById("app");
if (root) render(<StatusPage client={createClient(MonitoringService, transport)} />, root);
