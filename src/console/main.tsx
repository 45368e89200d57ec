import { render } from "preact";
import { createClients } from "./clients.js";
import { Shell } from "./shell.js";
import "./style.css";
import "./controls.css";
import "./cases/cases.css";
import "./evidence/evidence.css";
import "./lightning/lightning.css";
import "./payments/payments.css";

const root = document.getElementById("app");
if (root) render(<Shell clients={createClients(location.origin)} />, root);
