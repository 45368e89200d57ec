/**
 * What the status page does: it watches the samples of MonitoringService in the Connect protocol, like every other
 * client of it. Those kept come first, so that the courses are there at once. A break is resumed after the last sample seen.
 */
export const SCRIPT = `
"use strict";
const KEPT = 60, STALE_MS = 12000, RETRY_MS = 2000;
const all = (selector) => [...document.querySelectorAll(selector)];
const seconds = (text) => (text === undefined ? undefined : Number(text.slice(0, -1)));
let samples = [], cursor = "0", scope = "SCOPE_CLUSTER", lastMs = 0, watching;

/** A figure by its path; what is zero is left out on the wire, and so is what is not known. */
const unset = new Set(["sessionCount", "waitingCount", "matchCount", "banCount", "resumeRate"]);
function valueOf(stats, path) {
  const [name, part] = path.split(".");
  if (part === undefined) return stats[name] === undefined ? (unset.has(name) ? undefined : 0) : Number(stats[name]);
  const times = stats[name];
  if (times === undefined) return undefined;
  const count = Number(times.count ?? 0);
  return part === "count" ? count : count === 0 ? undefined : (seconds(times[part]) ?? 0);
}

const figure = (digits) => (value) => value.toLocaleString("en", { maximumFractionDigits: digits });
const formats = {
  matchRate: figure(1), signalRate: figure(1), callRate: figure(1), cpuCores: (value) => value.toFixed(2) + " cores",
  memoryBytes: (value) => figure(0)(value / 1048576) + " MiB", resumeRate: (value) => figure(1)(value * 100) + " %",
};
const show = (name, value) => (value === undefined ? "–" : (formats[name] ?? figure(0))(value));
function showTime(value) {
  if (value === undefined) return "–";
  if (value < 0.001) return Math.round(value * 1e6) + " µs";
  if (value < 1) return (value * 1000).toPrecision(value < 0.1 ? 2 : 3) + " ms";
  return value < 120 ? value.toFixed(1) + " s" : (value / 60).toFixed(1) + " min";
}

/** Draws how a figure went, from zero to its highest. */
function draw(svg) {
  const values = samples.map((stats) => valueOf(stats, svg.dataset.course) ?? 0);
  const top = Math.max(...values, 1e-9);
  const at = (value, index) => (120 - (values.length - 1 - index) * (120 / (KEPT - 1))).toFixed(2) + " " + (31 - (value / top) * 30).toFixed(2);
  const line = values.map(at).join(" L");
  const [area, stroke] = svg.children;
  stroke.setAttribute("d", values.length > 1 ? "M" + line : "");
  const left = at(0, 0).split(" ")[0];
  area.setAttribute("d", values.length > 1 ? "M" + left + " 32 L" + line + " L120 32 Z" : "");
}

const lists = {
  ends: (stats) => (stats.ends ?? []).map(({ reason, sideCount }) => [reason.replaceAll("_", " "), Number(sideCount)]),
  refusals: (stats) => (stats.refusals ?? []).map(({ method, code, callCount }) => [method + ": " + code.replaceAll("_", " "), Number(callCount)]),
  sheds: (stats) => (stats.sheds ?? []).map(({ cause, sessionCount }) => [cause, Number(sessionCount)]),
};
function fill(list, stats) {
  const entries = lists[list.dataset.list](stats).slice(0, 8);
  const top = Math.max(...entries.map(([, count]) => count), 1);
  list.replaceChildren(...entries.map(([name, count]) => {
    const item = document.createElement("li");
    const [bar, title, number] = ["span", "span", "span"].map((tag) => document.createElement(tag));
    bar.className = "bar";
    bar.style.width = (100 * count) / top + "%";
    title.textContent = name;
    number.textContent = figure(0)(count);
    item.append(bar, title, number);
    return item;
  }));
  if (entries.length > 0) return;
  const none = document.createElement("li");
  none.className = "none";
  none.textContent = "none";
  list.append(none);
}

function render() {
  const stats = samples.at(-1);
  if (stats === undefined) return;
  for (const cell of all("[data-figure]")) cell.textContent = show(cell.dataset.figure, valueOf(stats, cell.dataset.figure));
  for (const cell of all("[data-time]")) {
    const value = valueOf(stats, cell.dataset.time);
    cell.textContent = cell.dataset.time.endsWith(".count") ? show("", value) : showTime(value);
  }
  all("[data-course]").forEach(draw);
  for (const list of all("[data-list]")) fill(list, stats);
  const when = document.getElementById("when");
  when.dateTime = stats.createTime;
  when.textContent = new Date(stats.createTime).toLocaleTimeString();
}

function renderState() {
  const stats = samples.at(-1);
  const isStale = performance.now() - lastMs > STALE_MS;
  const [state, text] = isStale
    ? ["away", "No figures: this instance or the store is away"]
    : stats === undefined ? ["unknown", "Asking …"]
    : stats.ready === true ? ["ready", "Ready"] : ["away", "Takes no new streams"];
  document.querySelector(".state").dataset.state = state;
  const shown = document.getElementById("state");
  if (shown.textContent !== text) shown.textContent = text;
}

function take(response) {
  cursor = response.cursor;
  samples = [...samples, response.stats].slice(-KEPT);
  lastMs = performance.now();
}

/** Reads one stream of envelopes: a byte of flags, four of length, and JSON. */
async function watch(signal) {
  const message = new TextEncoder().encode(JSON.stringify({ scope, cursor }));
  const body = new Uint8Array(5 + message.length);
  new DataView(body.buffer).setUint32(1, message.length);
  body.set(message, 5);
  const headers = { "content-type": "application/connect+json", "connect-protocol-version": "1" };
  const response = await fetch("/satoshigle.internal.v1.MonitoringService/WatchStats", { method: "POST", headers, body, signal });
  let rest = new Uint8Array(0);
  for (const reader = response.body.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const bytes = new Uint8Array(rest.length + value.length);
    bytes.set(rest);
    bytes.set(value, rest.length);
    let from = 0;
    while (bytes.length - from >= 5) {
      const end = from + 5 + new DataView(bytes.buffer).getUint32(from + 1);
      if (bytes.length < end) break;
      if (bytes[from] === 0) take(JSON.parse(new TextDecoder().decode(bytes.subarray(from + 5, end))));
      from = end;
    }
    rest = bytes.slice(from);
    render();
    renderState();
  }
}

async function keepWatching() {
  watching?.abort();
  const own = (watching = new AbortController());
  while (!own.signal.aborted) {
    await watch(own.signal).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

for (const button of all("[data-scope]")) {
  button.addEventListener("click", () => {
    if (scope === button.dataset.scope) return;
    for (const other of all("[data-scope]")) other.setAttribute("aria-pressed", String(other === button));
    [scope, samples, cursor, lastMs] = [button.dataset.scope, [], "0", performance.now()];
    void keepWatching();
  });
}
lastMs = performance.now();
setInterval(renderState, 1000);
void keepWatching();
`;
