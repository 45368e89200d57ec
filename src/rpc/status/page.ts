const icon =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="31" cy="24" r="16" fill="#b48cf5"/>' +
      '<circle cx="17" cy="24" r="16" fill="#ffb534"/><path d="M24 9.6a16 16 0 0 1 0 28.8 16 16 0 0 1 0-28.8Z" fill="#f2704f"/></svg>',
  );

/** Figures with their course over the last minutes: name in `Stats`, title, what it is of. */
const tiles = [
  ["streamCount", "Streams", "open"],
  ["sessionCount", "Sessions", "with a stream or away"],
  ["waitingCount", "Waiting", "in the queue"],
  ["matchCount", "Matches", "under way"],
  ["matchRate", "New matches", "per second"],
  ["signalRate", "Signals", "relayed per second"],
  ["callRate", "Calls", "per second"],
  ["resumeRate", "Resumed", "without a gap, of those that came back"],
] as const;

const times = [
  ["timeToMatch", "Time to match", "from Match to Matched"],
  ["handshakeTime", "Handshake", "from Matched to the partner’s first signal"],
  ["queueAge", "Queue age", "how long those who wait have waited"],
  ["storeLatency", "Store", "from a call to its answer"],
  ["eventLoopDelay", "Event loop", "later than due"],
] as const;

const facts = [
  ["cpuCores", "CPU"],
  ["memoryBytes", "Memory"],
  ["instanceCount", "Instances"],
  ["banCount", "Bans in force"],
] as const;

const tile = ([name, title, of]: (typeof tiles)[number]) => `
      <article class="tile">
        <h2>${title} <small>${of}</small></h2>
        <p class="number" data-figure="${name}">–</p>
        <svg class="course" data-course="${name}" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true">
          <path class="area" /><path class="line" />
        </svg>
      </article>`;

const time = ([name, title, of]: (typeof times)[number]) => `
          <tr>
            <th scope="row">${title} <small>${of}</small></th>
            <td data-time="${name}.p50">–</td><td data-time="${name}.p90">–</td><td data-time="${name}.p99">–</td>
            <td class="count" data-time="${name}.count">–</td>
            <td class="course-cell">
              <svg class="course" data-course="${name}.p99" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true">
                <path class="area" /><path class="line" />
              </svg>
            </td>
          </tr>`;

const fact = ([name, title]: (typeof facts)[number]) => `<div><dt>${title}</dt><dd data-figure="${name}">–</dd></div>`;

const list = (name: string, title: string) => `
      <section class="panel ${name}">
        <h2>${title} <small>in the last minute</small></h2>
        <ol class="bars" data-list="${name}"></ol>
      </section>`;

const timesTable = `      <section class="panel times">
        <h2>Times <small>of the last minute</small></h2>
        <table>
          <thead>
            <tr><td></td><th scope="col">50 %</th><th scope="col">90 %</th><th scope="col">99 %</th><th scope="col" class="count">values</th><th scope="col" class="course-cell">99 %, course</th></tr>
          </thead>
          <tbody>${times.map(time).join("")}
          </tbody>
        </table>
      </section>`;

/** The status page: one file with everything in it. */
export const statusPage = (style: string, script: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Satoshigle: how it does</title>
    <link rel="icon" href="${icon}" />
    <style>${style}</style>
  </head>
  <body>
    <header>
      <h1>Satoshigle</h1>
      <p class="state" data-state="unknown" role="status"><span id="state">Asking …</span></p>
      <div class="scopes" role="group" aria-label="Whose figures">
        <button type="button" data-scope="SCOPE_CLUSTER" aria-pressed="true">All instances</button>
        <button type="button" data-scope="SCOPE_INSTANCE" aria-pressed="false">This one</button>
      </div>
      <p class="when">Last five minutes, every 5 s · <time id="when">–</time></p>
    </header>
    <main>
      <div class="tiles">${tiles.map(tile).join("")}
      </div>
${timesTable}
      <section class="panel">
        <h2>Process</h2>
        <dl class="facts">${facts.map(fact).join("")}</dl>
      </section>
      ${list("ends", "Why matches end")}
      ${list("refusals", "Calls refused")}
      ${list("sheds", "Sessions shed")}
    </main>
    <script>${script}</script>
  </body>
</html>
`;
