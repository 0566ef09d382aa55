// SPDX-License-Identifier: Apache-2.0
// Parses the text format of Prometheus and computes rates and quantiles. Does not
// use the page.

// Returns ["name", {label: value}] for a line without its value.
export function parseSeries(key) {
  const brace = key.indexOf("{");
  if (brace < 0) return [key, {}];
  const labels = {};
  const pattern = /(\w+)="((?:[^"\\]|\\.)*)"/g;
  for (const [, name, value] of key.slice(brace).matchAll(pattern)) {
    labels[name] = value.replace(/\\(.)/g, (_, c) => c === "n" ? "\n" : c);
  }
  return [key.slice(0, brace), labels];
}

function parseValue(text) {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

// The increase of a counter from `before` to `after`. A new counter began at 0,
// and so did one that has decreased: its process was restarted.
export function increase(before, after) {
  if (!(after >= 0)) return 0;
  return before >= 0 && before <= after ? after - before : after;
}

// The increases of counters that belong together, such as the buckets of a
// histogram: if one has decreased, all began at 0.
export function increases(before, after) {
  const restarted = after.some((value, i) => value < before[i]);
  return after.map((value, i) => increase(restarted ? 0 : before[i], value));
}

// Computes a quantile as Prometheus does: `bounds` ascend and end with Infinity,
// `counts` are cumulative. Interpolates linearly within a bucket; a quantile
// beyond the last finite bound is that bound. NaN if nothing was counted.
export function quantile(q, bounds, counts) {
  const total = counts[counts.length - 1];
  if (!(total > 0)) return NaN;
  const rank = q * total;
  let i = counts.findIndex(count => count >= rank);
  if (i < 0) i = counts.length - 1;
  if (bounds[i] === Infinity) return i > 0 ? bounds[i - 1] : NaN;
  const low = i > 0 ? bounds[i - 1] : 0;
  const below = i > 0 ? counts[i - 1] : 0;
  const inside = counts[i] - below;
  return inside > 0 ? low + (bounds[i] - low) * (rank - below) / inside : low;
}

// The scrapes of the last minutes. Each series has an index, so that a scrape is
// an array of numbers.
export class History {
  constructor(seconds) {
    this.seconds = seconds;
    this.samples = [];  // {time in seconds, values}; null values: no response
    this.places = new Map();
    this.families = new Map();  // name: [{labels, place}]
  }

  add(time, text) {
    const values = [];
    for (const line of text.split("\n")) {
      if (line === "" || line.charCodeAt(0) === 35) continue;  // 35: #
      const space = line.lastIndexOf(" ");
      values[this.place(line.slice(0, space))] =
        parseValue(line.slice(space + 1));
    }
    this.push({time, values: Float64Array.from(values, v => v ?? NaN)});
  }

  addFailure(time) {
    this.push({time, values: null});
  }

  push(sample) {
    this.samples.push(sample);
    const oldest = sample.time - this.seconds;
    while (this.samples[0].time < oldest) this.samples.shift();
  }

  place(key) {
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(key, place);
      const [name, labels] = parseSeries(key);
      if (!this.families.has(name)) this.families.set(name, []);
      this.families.get(name).push({labels, place});
    }
    return place;
  }

  // The series of `name` that have the labels of `wanted`; a wanted label can be a
  // function that tests the value.
  find(name, wanted = {}) {
    const fits = ({labels}) => Object.entries(wanted).every(
      ([label, value]) => typeof value === "function"
        ? value(labels[label]) : labels[label] === value);
    return (this.families.get(name) || []).filter(fits);
  }

  has(name) {
    return this.families.has(name);
  }

  // The different values of a label, sorted.
  labels(name, label) {
    return [...new Set(this.find(name).map(({labels}) => labels[label]))]
      .sort();
  }

  // The sum of a gauge in one sample; NaN if it does not exist.
  sum(sample, name, wanted) {
    const found = this.find(name, wanted)
      .map(({place}) => sample.values[place])
      .filter(value => !Number.isNaN(value) && value !== undefined);
    return found.length ? found.reduce((a, b) => a + b) : NaN;
  }

  // The total increase of counters between two samples.
  growth(before, after, name, wanted) {
    return this.find(name, wanted).reduce(
      (sum, {place}) =>
        sum + increase(before.values[place], after.values[place]), 0);
  }

  rate(before, after, name, wanted) {
    return this.growth(before, after, name, wanted) /
      (after.time - before.time);
  }

  // The buckets of a histogram between two samples, over all its series.
  spread(before, after, name, wanted) {
    const series = new Map();  // All but le: [{bound, place}]
    for (const {labels, place} of this.find(name + "_bucket", wanted)) {
      const {le, ...rest} = labels;
      const key = JSON.stringify(rest);
      if (!series.has(key)) series.set(key, []);
      series.get(key).push({bound: parseValue(le), place});
    }
    let bounds = [];
    let counts = [];
    for (const buckets of series.values()) {
      buckets.sort((a, b) => a.bound - b.bound);
      const grown = increases(
        buckets.map(({place}) => before.values[place] ?? NaN),
        buckets.map(({place}) => after.values[place] ?? NaN));
      bounds = buckets.map(({bound}) => bound);
      counts = grown.map((count, i) => count + (counts[i] || 0));
    }
    return {bounds, counts, count: counts[counts.length - 1] || 0,
            quantile: q => quantile(q, bounds, counts)};
  }
}
