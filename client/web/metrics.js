// SPDX-License-Identifier: Apache-2.0
// The metrics page: reads /metrics every two seconds, keeps ten minutes of
// values, and shows them as charts and tables.

import {isFault, isRefusal, sections, tiles} from "./metrics_charts.js";
import {Chart, Tile, duration, format} from "./metrics_draw.js";
import {make, methods, routes} from "./metrics_tables.js";
import {History} from "./numbers.js";

const INTERVAL = 2;
const KEPT = 600;
const PATIENCE = 5;
const RECENT = 10;  // Seconds that the numbers at the top cover.

const byId = id => document.getElementById(id);
const history = new History(KEPT + RECENT);
const charts = [];
const tables = [];  // {holder, make}
const numbers = [];
let seconds = 180;
let chosen = {};  // Labels of the chosen method, or none.
let pausedAt;  // Time of the last scrape that is shown.
let goneSince;

// The page is built after the first scrape, when it is known what to show.
function build() {
  const there = ({needs, unless}) =>
    (!needs || history.has(needs)) && !(unless && history.has(unless));
  for (const definition of tiles(history, format).filter(there)) {
    const tile = new Tile(definition);
    numbers.push(tile);
    byId("tiles").append(tile.element);
  }
  for (const section of sections.filter(there)) {
    const cards = make("div", {className: "cards"});
    for (const definition of section.charts(history).filter(there)) {
      const chart = new Chart(definition);
      chart.recompute(history.samples, chosen);
      chart.of = section.table === "methods";
      charts.push(chart);
      cards.append(chart.element);
    }
    const parts = [make("h2", {}, section.title), cards];
    if (section.table) {
      const holder = make("div", {className: "card wide"});
      holder.id = section.table;
      tables.push(holder);
      parts.push(holder);
    }
    byId("sections").append(...parts);
  }
}

function shownSamples() {
  const last = pausedAt ?? history.samples[history.samples.length - 1].time;
  return history.samples.filter(
    ({time, values}) => values && time <= last && time >= last - seconds);
}

function fillTables(samples) {
  const [a, b] = [samples[0], samples[samples.length - 1]];
  for (const holder of tables) {
    const made = holder.id === "methods"
      ? methods(history, a, b, format,
                {chosen, choose, isFault, isRefusal})
      : routes(history, a, b, format);
    // Keep the focus on the same button.
    const at = holder.contains(document.activeElement)
      ? document.activeElement.closest("tr")?.dataset.key : undefined;
    holder.replaceChildren(...made);
    if (at === undefined) continue;
    holder.querySelector(`tr[data-key="${CSS.escape(at)}"] button`)
      ?.focus({preventScroll: true});
  }
}

function showFacts(last) {
  const sum = name => history.sum(last, name);
  const [build] = history.find("pinhole_build_info");
  const start = sum("process_start_time_seconds");
  const facts = [];
  if (Number.isFinite(start)) facts.push(`up ${duration(last.time - start)}`);
  for (const noun of ["users", "photos"]) {
    const count = sum(`pinhole_${noun}`);
    if (Number.isFinite(count)) facts.push(`${format.count(count)} ${noun}`);
  }
  if (Number.isFinite(sum("pinhole_sessions_active"))) {
    facts.push(`${format.count(sum("pinhole_sessions_active"))} sessions`);
  }
  if (build) facts.push(`Pinhole ${build.labels.version}`);
  byId("facts").textContent = facts.join(" · ");
}

function draw() {
  if (!charts.length) return;
  const now = pausedAt ?? history.samples[history.samples.length - 1].time;
  for (const chart of charts) chart.draw(now - seconds, now);
  const samples = shownSamples();
  if (!samples.length) return;
  const last = samples[samples.length - 1];
  const recent = samples.find(({time}) => time >= last.time - RECENT);
  for (const tile of numbers) tile.draw(samples, recent);
  fillTables(samples);
  showFacts(last);
}

function showState() {
  const pill = byId("state");
  const set = (kind, text) => {
    pill.className = `pill ${kind}`;
    pill.textContent = text;
  };
  byId("gone").hidden = goneSince === undefined;
  document.body.classList.toggle("gone-away", goneSince !== undefined);
  const last = history.samples[history.samples.length - 1];
  if (goneSince !== undefined) {
    set("bad", "No response");
    byId("gone").textContent = `${goneSince.why} since ${goneSince.time
      .toLocaleTimeString()}. The values shown are older. The page tries again ` +
      `every ${INTERVAL} seconds.`;
  } else if (pausedAt !== undefined) {
    set("warn", "Paused");
  } else if (last?.values && history.sum(last, "pinhole_ready") === 0) {
    set("warn", "Not serving");
  } else {
    set("good", "Live");
  }
}

async function scrape() {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE * 1000);
  try {
    const answer = await fetch("metrics", {signal: stop.signal,
                                           cache: "no-store"});
    if (!answer.ok) throw new Error(`/metrics has returned ${answer.status}`);
    return await answer.text();
  } catch (error) {
    if (error.name === "AbortError" || error instanceof TypeError) {
      throw new Error("The server has not responded");
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function poll() {
  let text;
  try {
    text = await scrape();
    goneSince = undefined;
  } catch (error) {
    goneSince ??= {time: new Date(), why: error.message};
  }
  const time = Date.now() / 1000;
  if (text === undefined) history.addFailure(time);
  else history.add(time, text);
  if (text !== undefined && !charts.length) {
    build();
  } else {
    const [before, after] = history.samples.slice(-2);
    for (const chart of charts) {
      if (after) chart.add(before, after, chosen);
      chart.forget(time - KEPT - RECENT);
    }
  }
  if (pausedAt === undefined) draw();
  showState();
}

function choose(of) {
  chosen = of;
  byId("chosen").hidden = !of.grpc_method;
  byId("chosen").textContent = `${of.grpc_method} ✕`;
  byId("chosen").title = "Show all methods again";
  for (const chart of charts) {
    if (chart.of) chart.recompute(history.samples, chosen);
  }
  draw();
}

function showWindow() {
  for (const button of byId("windows").children) {
    button.setAttribute("aria-pressed",
                        Number(button.dataset.seconds) === seconds);
  }
}

byId("windows").addEventListener("click", event => {
  if (!event.target.dataset.seconds) return;
  seconds = Number(event.target.dataset.seconds);
  showWindow();
  draw();
});
byId("chosen").addEventListener("click", () => choose({}));
byId("pause").addEventListener("click", event => {
  const last = history.samples[history.samples.length - 1];
  pausedAt = pausedAt === undefined ? last?.time : undefined;
  event.target.setAttribute("aria-pressed", pausedAt !== undefined);
  event.target.textContent = pausedAt === undefined ? "Pause" : "Resume";
  draw();
  showState();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chart of charts) chart.rebuild();
});

showWindow();
for (;;) {
  const begin = performance.now();
  await poll();
  const rest = INTERVAL * 1000 - (performance.now() - begin);
  await new Promise(done => setTimeout(done, Math.max(rest, 100)));
}
