// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/page_style.h"

namespace pinhole::lab {

// No "<", ">" or "&": the page is to be well-formed as XML too.
const char* PageStyle() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #fbfaf8; --card: #ffffff; --ink: #1f2530; --quiet: #5d6675;
  --rule: #e4e3de; --axis: #9aa1ac; --band: #f1f0ec;
  --good: #1e7a4c; --bad: #b3261e; --bad-back: #fbecea; --warn-back: #fdf3dc;
  --c1: #2660a4; --c2: #c4560f; --c3: #2f8560; --c4: #8a5aa8; --c5: #b3261e;
  --o1: #9cc3ea; --o2: #6fa5da; --o3: #4687c6; --o4: #2a69a9; --o5: #1b4c82;
  --o6: #10305a;
  --p-admission: #8f8a7c; --p-hash-wait: #f0bd93; --p-hash: #c4560f;
  --p-write-wait: #a9c8ea; --p-write: #2660a4; --p-commit: #14365f;
  --p-fsync: #0f8a94; --p-query: #2f8560; --p-media: #8a5aa8;
  --p-rest: #c9c7c0; --p-other: #5d6675;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --card: #1c2027; --ink: #e6e8eb; --quiet: #9ea7b3;
    --rule: #31363f; --axis: #6a7380; --band: #232830;
    --good: #69c795; --bad: #ff8a80; --bad-back: #3a2222;
    --warn-back: #383019;
    --c1: #6cabf0; --c2: #f2964f; --c3: #5fc496; --c4: #c39be0; --c5: #ff8a80;
    --o1: #3f6fa3; --o2: #4d84bf; --o3: #6299d6; --o4: #86b4e8; --o5: #b0cef3;
    --o6: #dcebfc;
    --p-admission: #8f8a7c; --p-hash-wait: #7d4d29; --p-hash: #f2964f;
    --p-write-wait: #35567d; --p-write: #6cabf0; --p-commit: #b4d4f8;
    --p-fsync: #4fc3cf; --p-query: #5fc496; --p-media: #c39be0;
    --p-rest: #4a4f58; --p-other: #9ea7b3;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 70rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .4rem; }
h2 {
  font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-top: .75rem;
  border-top: 1px solid var(--rule);
}
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p { margin: .4rem 0; max-width: 48rem; }
.quiet { color: var(--quiet); }
.facts {
  display: grid; gap: .75rem; margin: 1.25rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr));
}
.facts div {
  background: var(--card); border: 1px solid var(--rule);
  border-radius: .5rem; padding: .75rem 1rem;
}
dt { color: var(--quiet); font-size: .875rem; }
dd { margin: 0; }
.answer { font-size: 1.2rem; font-weight: 600; line-height: 1.3; }
.note { color: var(--quiet); font-size: .875rem; margin-top: .25rem; }
.warnings {
  list-style: none; margin: 1rem 0; padding: .6rem 1rem;
  background: var(--warn-back); border-radius: .5rem;
}
.findings { padding: 0; list-style: none; }
.findings li {
  border-left: 4px solid var(--axis); padding: .1rem 0 .1rem .9rem;
  margin: .9rem 0;
}
.findings .limit { border-color: var(--bad); }
.findings .warning { border-color: var(--c2); }
.scroll { overflow-x: auto; }
table {
  border-collapse: collapse; font-size: .875rem; margin: .25rem 0 1rem;
  font-variant-numeric: tabular-nums;
}
th, td {
  text-align: left; padding: .3rem .75rem .3rem 0; vertical-align: top;
  border-bottom: 1px solid var(--rule); font-weight: normal;
}
thead th {
  color: var(--quiet); white-space: nowrap; border-color: var(--axis);
}
td:last-child { min-width: 4rem; }
.n { text-align: right; white-space: nowrap; }
tbody th { font-weight: 600; }
tr.bad { background: var(--bad-back); }
tr.bad td:last-child { color: var(--bad); }
code {
  font: .875rem/1.5 ui-monospace, monospace; background: var(--card);
  border: 1px solid var(--rule); border-radius: .25rem; padding: .1rem .35rem;
}
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--quiet); font-size: .875rem; }
.charts {
  display: grid; gap: 1.25rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
}
figure {
  margin: 0; padding: .75rem 1rem; background: var(--card); min-width: 0;
  border: 1px solid var(--rule); border-radius: .5rem;
}
figure.wide { grid-column: 1 / -1; }
figcaption h3 { margin: 0; }
figcaption p { color: var(--quiet); font-size: .875rem; margin: .1rem 0 .6rem; }
.panels {
  display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
}
details .scroll { max-height: 24rem; overflow: auto; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .quiet { fill: var(--quiet); }
svg .small { font-size: 11px; }
svg .limit-name { fill: var(--bad); }
.axis { stroke: var(--axis); }
.rule { stroke: var(--rule); }
.band { fill: var(--band); }
.limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 6 3; }
.line { fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linejoin: round; }
.dashes { stroke-width: 1.5; stroke-dasharray: 4 4; }
.mark { fill: currentColor; stroke: currentColor; stroke-width: 1.5; }
.hollow { fill: var(--card); }
.fill { fill: currentColor; }
.c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
.c4 { color: var(--c4); } .c5 { color: var(--c5); }
.o1 { color: var(--o1); } .o2 { color: var(--o2); } .o3 { color: var(--o3); }
.o4 { color: var(--o4); } .o5 { color: var(--o5); } .o6 { color: var(--o6); }
.p-admission { color: var(--p-admission); }
.p-hash-wait { color: var(--p-hash-wait); }
.p-hash { color: var(--p-hash); }
.p-write-wait { color: var(--p-write-wait); }
.p-write { color: var(--p-write); }
.p-commit { color: var(--p-commit); }
.p-fsync { color: var(--p-fsync); }
.p-query { color: var(--p-query); }
.p-media { color: var(--p-media); }
.p-rest { color: var(--p-rest); }
.p-other { color: var(--p-other); }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: .75rem; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure, tr, .facts div, .findings li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll, details .scroll { overflow: visible; max-height: none; }
  .charts { grid-template-columns: 1fr 1fr; }
}
)css";
}

}  // namespace pinhole::lab
