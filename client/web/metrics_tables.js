// SPDX-License-Identifier: Apache-2.0
// The tables of the metrics page: methods and HTTP routes.

// The phases of a call in their order, with their names on the page.
export const fromParts = [
  ["admission", "admission"], ["hash_wait", "wait for a hash"],
  ["hash", "hash"], ["write_wait", "wait for the writer"], ["write", "write"],
  ["commit", "commit"], ["fsync", "fsync"], ["query", "read"],
  ["media", "pictures"], ["rest", "rest"]];
export const colorOf = i => `var(--c${i % 10 + 1})`;

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// `columns`: [title, className]. `rows`: {key, className, cells: [node or
// {text, value, className}]}; `value` is the number without formatting, for
// tests.
function table(columns, rows) {
  const head = make("tr", {}, ...columns.map(
    ([title, className = ""]) =>
      make("th", {className, scope: "col"}, title)));
  const body = rows.map(({key, className, cells}) => {
    const row = make("tr", {className});
    row.dataset.key = key;
    cells.forEach((cell, i) => {
      const classes = `${columns[i][1] || ""} ${cell.className || ""}`.trim();
      const data = make("td", {className: classes}, cell.node || cell.text);
      if (cell.value !== undefined) data.dataset[cell.name] = cell.value;
      row.append(data);
    });
    return row;
  });
  return make("div", {className: "scroll"}, make(
    "table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}

function split(seconds) {
  const whole = seconds.reduce((a, b) => a + b, 0);
  const bar = make("div");
  seconds.forEach((part, i) => {
    if (!(part > 0)) return;
    const share = part / whole;
    const piece = make("i", {
      title: `${fromParts[i][1]} ${(100 * share).toFixed(0)} %`});
    piece.style.width = `${100 * share}%`;
    piece.style.background = colorOf(i);
    bar.append(piece);
  });
  return bar;
}

function numbers(spread, sum, format) {
  return [
    {name: "p50", value: spread.quantile(.5),
     text: format.seconds(spread.quantile(.5))},
    {name: "p90", value: spread.quantile(.9),
     text: format.seconds(spread.quantile(.9))},
    {name: "p99", value: spread.quantile(.99),
     text: format.seconds(spread.quantile(.99))},
    {name: "mean", value: sum / spread.count,
     text: format.seconds(sum / spread.count)}];
}

// `a`, `b`: the first and the last scrape of the time shown.
export function methods(history, a, b, format, tools) {
  const all = history.find("grpc_server_started_total").map(({labels}) => {
    const {grpc_method, grpc_service} = labels;
    const of = {grpc_method, grpc_service};
    const count = name => history.growth(a, b, name, of);
    return {
      of, total: history.sum(b, "grpc_server_handled_total", of),
      calls: count("grpc_server_handled_total"),
      failed: history.growth(a, b, "grpc_server_handled_total",
                             {...of, grpc_code: tools.isFault}),
      refused: history.growth(a, b, "grpc_server_handled_total",
                              {...of, grpc_code: tools.isRefusal})};
  });
  const called = all.filter(method => method.total > 0)
    .sort((x, y) => y.calls - x.calls || y.total - x.total ||
          (x.of.grpc_method < y.of.grpc_method ? -1 : 1));
  const seconds = b.time - a.time;
  const rows = called.map(({of, total, calls, failed, refused}) => {
    const spread =
      history.spread(a, b, "grpc_server_handling_seconds", of);
    const sum =
      history.growth(a, b, "grpc_server_handling_seconds_sum", of);
    const parts = fromParts.map(([part]) => history.growth(
      a, b, "pinhole_rpc_part_seconds_total", {...of, part}));
    const isChosen = tools.chosen.grpc_method === of.grpc_method &&
      tools.chosen.grpc_service === of.grpc_service;
    const name = make("button", {type: "button"}, of.grpc_method);
    name.title = `${of.grpc_service}: show in the charts`;
    name.addEventListener("click", () => tools.choose(isChosen ? {} : of));
    return {
      key: `${of.grpc_service}/${of.grpc_method}`,
      className: isChosen ? "chosen" : calls > 0 ? "" : "idle",
      cells: [
        {node: name},
        {name: "rate", value: calls / seconds,
         text: format.rate(calls / seconds)},
        {text: refused ? format.count(refused) : "·"},
        {text: failed ? format.count(failed) : "·",
         className: failed ? "bad" : ""},
        ...numbers(spread, sum, format),
        {node: split(parts)},
        {name: "total", value: total, text: format.count(total)}]};
  });
  const columns = [
    ["method", "name"], ["per s"], ["refused", "minor"], ["failed"],
    ["p50", "minor"], ["p90", "minor"], ["p99"], ["mean", "minor"],
    ["where its time goes", "split"], ["since start", "minor"]];
  const rest = all.length - called.length;
  const codes = history.labels("grpc_server_handled_total", "grpc_code")
    .map(grpc_code => [grpc_code, history.growth(
      a, b, "grpc_server_handled_total", {grpc_code})])
    .filter(([code, count]) => code !== "OK" && count > 0)
    .map(([code, count]) => `${code} ${format.count(count)}`);
  const note = [codes.length ? `Errors shown: ${codes.join(", ")}.` : "",
                rest ? `${rest} methods have not been called yet.` : ""];
  return [
    table(columns, rows),
    make("p", {className: "legend"}, ...fromParts.map(([, name], i) => {
      const mark = make("i");
      mark.style.background = colorOf(i);
      return make("span", {}, mark, name);
    })),
    make("p", {className: "none"}, note.filter(text => text).join(" "))];
}

export function routes(history, a, b, format) {
  const name = "http_server_request_duration_seconds";
  const routesOf = new Map();
  for (const {labels} of history.find(name + "_count")) {
    const {http_request_method, http_route} = labels;
    routesOf.set(`${http_request_method} ${http_route}`,
                 {http_request_method, http_route});
  }
  const seconds = b.time - a.time;
  const rows = [...routesOf].map(([key, of]) => {
    const calls = history.growth(a, b, name + "_count", of);
    const total = history.sum(b, name + "_count", of);
    const codes = pattern => history.growth(
      a, b, name + "_count",
      {...of, http_response_status_code: code => pattern.test(code)});
    const faults = codes(/^5/);
    const refused = codes(/^4/);
    const sum = history.growth(a, b, name + "_sum", of);
    return {
      key, calls, total, className: calls > 0 ? "" : "idle",
      cells: [
        {text: key},
        {name: "rate", value: calls / seconds,
         text: format.rate(calls / seconds)},
        {text: refused ? format.count(refused) : "·"},
        {text: faults ? format.count(faults) : "·",
         className: faults ? "bad" : ""},
        ...numbers(history.spread(a, b, name, of), sum, format),
        {name: "total", value: total, text: format.count(total)}]};
  }).filter(row => row.total > 0)
    .sort((x, y) => y.calls - x.calls || y.total - x.total);
  const columns = [
    ["route", "name"], ["per s"], ["4xx", "minor"], ["5xx"],
    ["p50", "minor"], ["p90", "minor"], ["p99"], ["mean", "minor"], ["since start", "minor"]];
  const most = 12;
  const rest = rows.length - most;
  return [table(columns, rows.slice(0, most)),
          ...rest > 0
            ? [make("p", {className: "none"}, `and ${rest} more routes`)]
            : []];
}
