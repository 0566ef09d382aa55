// SPDX-License-Identifier: Apache-2.0
// Formats of numbers, charts (by uPlot), and tiles with a small line.

import {colorOf, make} from "./metrics_tables.js";

const NONE = "–";

function digits(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  const text = value.toFixed(places);
  return places > 0 ? text.replace(/\.?0+$/, "") : text;
}

// Wraps a format so that it also handles missing values.
const known = text => value => Number.isFinite(value) ? text(value) : NONE;

function scaled(value, base, units) {
  let i = 0;
  let rest = value;
  while (Math.abs(rest) >= base && i < units.length - 1) {
    rest /= base;
    i += 1;
  }
  return `${digits(rest)}${units[i]}`;
}

const bytes = value => scaled(value, 1024, [" B", " KiB", " MiB", " GiB",
                                            " TiB"]);

export const format = {
  rate: known(value => scaled(value, 1000, ["", "k", "M"])),
  busy: known(digits),
  count: known(value => value >= 1e5 ? scaled(value, 1000, ["", "k", "M", "G"])
    : value.toLocaleString("en", {maximumFractionDigits: 1})),
  percent: known(value => `${digits(100 * value)} %`),
  seconds: known(value => value === 0 ? "0 s" : value < 1e-3
    ? `${digits(value * 1e6)} µs` : value < 1 ? `${digits(value * 1e3)} ms`
      : `${digits(value)} s`),
  bytes: known(bytes),
  byterate: known(value => `${bytes(value)}/s`),
};

export function duration(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]
    .map(([size, unit]) => {
      const whole = Math.floor(seconds / size);
      seconds -= whole * size;
      return [whole, unit];
    });
  const first = parts.findIndex(([whole]) => whole > 0);
  return parts.slice(first < 0 ? 3 : first).slice(0, 2)
    .map(([whole, unit]) => `${whole} ${unit}`).join(" ");
}

const styles = () => getComputedStyle(document.documentElement);

// Stacks lines. The highest comes first, so that a line that adds nothing is
// hidden behind the one below it.
function stack(columns) {
  const below = columns[0].map(() => 0);
  return columns.map(column => column.map((value, i) => {
    if (value === null) return null;
    below[i] += value;
    return below[i];
  })).reverse();
}

// Powers of two, for axes in bytes.
const BINARY = Array.from({length: 50}, (_, i) => 2 ** i);

// One chart in its card. `definition` is as in metrics_charts.js.
export class Chart {
  constructor(definition) {
    this.definition = definition;
    this.times = [];
    this.rows = [];
    this.note = make("small");
    this.holder = make("div", {className: "chart"});
    this.legend = make("div", {className: "legend"});
    this.element = make("section", {className: "card"},
                        make("h3", {}, definition.title, " ", this.note),
                        this.holder, this.legend);
    this.element.dataset.chart = definition.title;
    this.values = definition.lines.map((line, i) => {
      const value = make("b", {}, NONE);
      const mark = make("i");
      mark.style.background = this.color(i);
      this.legend.append(make("span", {}, mark, line, value));
      return value;
    });
  }

  color(i) {
    const colors = this.definition.colors;
    return colors ? `var(${colors[i]})` : colorOf(i);
  }

  paint(i) {
    return styles().getPropertyValue(this.color(i).slice(4, -1)).trim();
  }

  // Adds the numbers of another scrape.
  add(before, after, of) {
    const none = this.definition.lines.map(() => null);
    const row = before && before.values && after.values
      ? this.definition.row(before, after, of) : none;
    this.times.push(after.time);
    this.rows.push(row.map(v => Number.isFinite(v) ? v : null));
  }

  recompute(samples, of) {
    this.times = [];
    this.rows = [];
    samples.forEach((sample, i) => this.add(samples[i - 1], sample, of));
    const {note} = this.definition;
    this.note.textContent = note ? note(of) : "";
  }

  forget(oldest) {
    while (this.times.length && this.times[0] < oldest) {
      this.times.shift();
      this.rows.shift();
    }
  }

  // Draws the values between two times.
  draw(from, to) {
    const begin = this.times.findIndex(time => time >= from);
    const end = this.times.findLastIndex(time => time <= to) + 1;
    this.shown = begin < 0 ? [] : this.rows.slice(begin, end);
    const times = begin < 0 ? [] : this.times.slice(begin, end);
    const columns = this.definition.lines.map(
      (_, i) => this.shown.map(row => row[i]));
    this.range = [from, to];
    if (!this.plot) this.build();
    this.plot.setData(
      [times, ...this.definition.stacked ? stack(columns) : columns]);
    this.tell(this.plot.cursor.idx);
  }

  // Shows the values at a position, or the latest ones, in the legend.
  tell(place) {
    const row = this.shown[place ?? this.shown.length - 1] || [];
    this.values.forEach((value, i) => {
      value.textContent = format[this.definition.unit](row[i] ?? NaN);
    });
  }

  build() {
    const {stacked, unit, lines, most} = this.definition;
    const style = styles();
    const axis = {
      stroke: style.getPropertyValue("--faint").trim(),
      grid: {stroke: style.getPropertyValue("--grid").trim(), width: 1},
      ticks: {show: false}, font: "11px system-ui, sans-serif"};
    const order = lines.map((_, i) => stacked ? lines.length - 1 - i : i);
    const series = order.map(i => ({
      stroke: this.paint(i), width: 1.6, points: {show: false},
      fill: stacked ? this.paint(i) + "55" : lines.length === 1
        ? this.paint(i) + "22" : undefined}));
    const bands = stacked ? lines.slice(1).map(
      (_, i) => ({series: [i + 1, i + 2], dir: -1})) : [];
    this.plot = new uPlot({
      width: this.holder.clientWidth || 300, height: 190,
      padding: [8, 16, 0, 0], legend: {show: false},
      cursor: {sync: {key: "pinhole"}, drag: {x: false, y: false},
               points: {size: 6}},
      scales: {
        x: {range: () => this.range},
        // From 0, with some space above.
        y: {range: (_, __, max) => [0, most || (max > 0 ? max * 1.12 : 1)]}},
      axes: [
        {...axis, size: 26, space: 70, values: (_, splits) => splits.map(time =>
          new Date(time * 1000).toLocaleTimeString(
            "en-GB", this.range[1] - this.range[0] > 200
              ? {hour: "2-digit", minute: "2-digit"} : {}))},
        {...axis, size: 62, space: 34,
         incrs: unit.startsWith("byte") ? BINARY : undefined,
         values: (_, splits) => splits.map(value => format[unit](value))}],
      series: [{}, ...series], bands,
      hooks: {setCursor: [plot => this.tell(plot.cursor.idx)]},
    }, [[], ...lines.map(() => [])], this.holder);
    this.watch = new ResizeObserver(() => this.plot.setSize(
      {width: this.holder.clientWidth, height: 190}));
    this.watch.observe(this.holder);
  }

  // Applies new colours.
  rebuild() {
    if (!this.plot) return;
    this.watch.disconnect();
    this.plot.destroy();
    this.plot = undefined;
    this.draw(...this.range);
  }
}

const SVG = "http://www.w3.org/2000/svg";

// A number with its line. `definition` is as in metrics_charts.js.
export class Tile {
  constructor(definition) {
    this.definition = definition;
    this.number = make("output");
    this.more = make("p");
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 100 30");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    this.area = document.createElementNS(SVG, "polygon");
    this.line = document.createElementNS(SVG, "polyline");
    svg.append(this.area, this.line);
    this.element = make("section", {className: "tile"},
                        make("h3", {}, definition.title), this.number,
                        this.more, svg);
    this.element.dataset.tile = definition.title;
  }

  // `samples`: the samples shown; `recent`: the first one of the last ten seconds.
  draw(samples, recent) {
    const last = samples[samples.length - 1];
    const {value, unit, suffix, bad, more} = this.definition;
    const now = value(recent, last);
    const text = format[unit](now);
    const [, number, rest] = text.match(/^(\S+)(.*)$/);
    this.number.replaceChildren(
      number, make("small", {}, Number.isFinite(now) ? rest + (suffix || "")
        : ""));
    this.element.dataset.value = now;
    this.element.classList.toggle("bad", Boolean(bad && bad(now)));
    this.more.textContent = more(recent, last);
    this.trace(samples);
  }

  trace(samples) {
    const first = (samples[1] || samples[0]).time;
    const length = samples[samples.length - 1].time - first || 1;
    const points = [];
    samples.slice(1).forEach((sample, i) => {
      const number = this.definition.value(samples[i], sample);
      points.push([100 * (sample.time - first) / length,
                   Number.isFinite(number) ? number : 0]);
    });
    const most = Math.max(...points.map(([, y]) => y), 1e-9);
    const list = points.map(
      ([x, y]) => `${x.toFixed(2)},${(28 - 25 * y / most).toFixed(2)}`);
    this.line.setAttribute("points", list.join(" "));
    this.area.setAttribute("points", points.length
      ? `${points[0][0].toFixed(2)},30 ${list.join(" ")} 100,30` : "");
  }
}
