// SPDX-License-Identifier: Apache-2.0
// Shows a report's tables and draws its charts. Text of the report is only ever
// set as textContent.
"use strict";
{
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const report = read("report");
  const tables = read("tables");

  function make(tag, content, className = "") {
    const element = document.createElement(tag);
    element.className = className;
    if (typeof content === "string") element.textContent = content;
    else element.append(...content);
    return element;
  }

  const align = column => column[1] ? "number" : "";

  function table({columns, rows}) {
    const head = columns.map(column => make("th", column[0], align(column)));
    const body = rows.map(([bad, cells]) => make("tr", cells.map(
      (cell, i) => make("td", cell, align(columns[i]))), bad ? "bad" : ""));
    return make("div", [make("table", [
      make("thead", [make("tr", head)]), make("tbody", body)])], "scroll");
  }

  function section(data) {
    const items = data.items.map(([label, text]) => make(
      "li", [make("strong", label), `: ${text}`]));
    const content = [];
    if (items.length) content.push(make("ul", items));
    if (data.rows.length) content.push(table(data));
    return data.folded
      ? make("details", [make("summary", data.title), ...content])
      : make("section", [make("h2", data.title), ...content]);
  }

  const charts = make("div", []);
  charts.id = "charts";
  const drawn = [];

  // One chart. `lines`: [name, values]; a value of null is a gap. On a
  // logarithmic axis only positive values can be drawn.
  function chart(title, xName, xs, lines, log = false) {
    const shown = lines.map(([name, values]) => [name, values.map(
      value => Number.isFinite(value) && (!log || value > 0) ? value : null)]);
    if (!shown.some(line => line[1].some(value => value !== null))) return;
    const figure = make("figure", [make("figcaption", title)]);
    figure.dataset.chart = title;
    charts.append(figure);
    drawn.push({figure, plot: null, draw() {
      const color = name =>
        getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      const rule = {stroke: color("--rule"), width: 1};
      const axis = {stroke: color("--quiet"), grid: rule, ticks: rule};
      if (this.plot) this.plot.destroy();
      this.plot = new uPlot({
        width: figure.clientWidth - 24, height: 240,
        scales: {x: {time: false}, y: log ? {distr: 3} : {
          range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1]}},
        axes: [{...axis, label: xName, labelSize: 20}, {...axis, size: 64}],
        series: [{label: xName}, ...shown.map(([label], i) => ({
          label, width: 1.5, stroke: color(`--c${i + 1}`),
          points: {show: xs.length < 60}}))],
      }, [xs, ...shown.map(line => line[1])], figure);
    }});
  }

  // Throughput and latency against load, the last step of each load.
  function loadCharts(kind, xName) {
    const load = step => kind === "closed" ? step.users
      : step.rate || step.offered;
    const byLoad = new Map(report.steps.filter(
      step => step.kind === kind && !step.cutShort && !step.generatorLimited &&
        !["overload", "recovery"].includes(step.purpose)
    ).map(step => [load(step), step]));
    const xs = [...byLoad.keys()].sort((a, b) => a - b);
    if (xs.length < 2) return;
    const steps = xs.map(x => byLoad.get(x));
    const latency = name => steps.map(
      step => step.total?.ok ? step.total.response?.[name] : null);
    chart(`Throughput by ${xName}`, xName, xs,
          [["succeeded/s", steps.map(step => step.achieved)]]);
    chart(`Latency by ${xName}, ms`, xName, xs,
          [["mean", latency("meanMs")], ["p50", latency("p50Ms")],
           ["p95", latency("p95Ms")], ["p99", latency("p99Ms")]], true);
  }

  // The seconds of all steps in a row, with a gap between two steps.
  function timelineCharts() {
    const xs = [];
    const seconds = [];
    let end = 0;
    for (const step of report.steps) {
      const begin = Math.max(step.startSeconds, end);
      step.timeline.forEach((second, i) => {
        xs.push(begin + i + 0.5);
        seconds.push(second);
      });
      end = begin + step.timeline.length;
      xs.push(end);
      seconds.push({});
    }
    const line = name => seconds.map(second => second[name]);
    const latency = name => seconds.map(
      second => second.ok ? second[name] : null);
    const since = "seconds since the start";
    chart("Operations each second", since, xs,
          [["succeeded", line("ok")], ["failed", line("errors")]]);
    chart("Latency each second, ms", since, xs,
          [["p50", latency("p50Ms")], ["p99", latency("p99Ms")]], true);
    chart("Calls in flight", since, xs, [["in flight", line("inFlight")]]);
  }

  const main = document.getElementById("main");
  main.append(make("h1", tables.title));
  for (const data of tables.sections) {
    main.append(section(data));
    if (data.title === "Result") main.append(charts);
  }
  loadCharts("open", "rate");
  loadCharts("closed", "users");
  timelineCharts();
  const drawAll = () => drawn.forEach(each => each.draw());
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) drawAll();
    width = innerWidth;
  });
}
