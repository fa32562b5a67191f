/** `/api/slo-dashboard` for people: one page, no script, nothing from elsewhere; the style is allowed by its hash. */
import { createHash } from "node:crypto";
import { MINIMUM_EVENTS } from "../domain/service-level.ts";
import type { DayPoint, ObjectiveReport, ServiceLevelReport } from "../domain/service-level-report.ts";
import {
  budgetWords,
  burnsWords,
  burnWords,
  countWords,
  eventWords,
  shareWords,
  stateWords,
  trendWords,
  usedUpWords,
} from "../domain/service-level-words.ts";
import { attainmentPlot, budgetPlot, burnPlot } from "./slo-plots.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1d232b; --soft: #5c6672; --paper: #f5f6f8; --card: #fff; --rule: #d9dde3;
  --line: #2563a8; --ok: #1a7048; --warn: #8a5a00; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b3; --paper: #14181d; --card: #1c2229; --rule: #343c47;
  --line: #6ea8e8; --ok: #5cc28e; --warn: #e0ac4a; --bad: #f2837b; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0; }
main { max-width: 76rem; margin: 0 auto; padding: 1.75rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
.lead, .note { color: var(--soft); margin: 0 0 1.25rem; max-width: 62rem; }
.note { font-size: .9rem; }
article { background: var(--card); border: 1px solid var(--rule); border-radius: .6rem; padding: 1rem 1.1rem; margin: 0 0 1rem; }
.head { display: flex; flex-wrap: wrap; gap: .2rem .7rem; align-items: baseline; }
h2 { font-size: 1.1rem; margin: 0; }
.promise { color: var(--soft); }
.state { margin-left: auto; font-weight: 600; }
.state.ok { color: var(--ok); } .state.low, .state.burning { color: var(--warn); } .state.broken { color: var(--bad); } .state.no-data { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .6rem 1.5rem; margin: .8rem 0 .4rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; }
dd.big { font-size: 1.5rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.said { margin: .2rem 0 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem 1.25rem; margin: .8rem 0 0; }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--soft); font-size: .85rem; }
svg { display: block; width: 100%; height: auto; }
svg .grid { stroke: var(--rule); } svg .limit { stroke: var(--soft); stroke-dasharray: 4 3; }
svg .mark { fill: var(--soft); font-size: 10.5px; } svg .empty { fill: var(--soft); font-size: 13px; }
svg .line { fill: none; stroke: var(--line); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .dot, svg .bar { fill: var(--line); } svg .over { fill: var(--bad); }
details { margin-top: .8rem; } summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
.days { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin-top: .5rem; min-width: 30rem; }
th, td { text-align: right; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
a { color: var(--line); }
@media (max-width: 30rem) { .state { margin-left: 0; width: 100%; } dl { grid-template-columns: 1fr 1fr; } dl .wide { grid-column: 1 / -1; } }
`;

/** For the Content-Security-Policy of this page. */
export const SLO_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function sloPage(report: ServiceLevelReport): string {
  const since = report.since === null ? "There are no records yet." : `Records since ${when(report.since)}.`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Service levels: Executive Mind Matrix</title><style>${STYLE}</style></head>
<body><main><h1>Service levels</h1>
<p class="lead">Executive Mind Matrix, the ${report.windowDays} days up to ${when(report.at)}. ${since} For machines: <a href="?format=json">JSON</a>.</p>
${report.objectives.map(article).join("\n")}
<p class="note">Burn 1 uses the error budget up in exactly ${report.windowDays} days. Where fewer than ${MINIMUM_EVENTS} events happened there is no rate.
Availability is the bot's own word: a minute that no process vouched for counts as down, but whether the way to the bot was open, it cannot see.
A day is 24 hours, the last one ending now; dates are UTC.</p>
</main></body></html>
`;
}

function article(one: ObjectiveReport): string {
  const { objective, state, tally, attainment, isThin } = one;
  const counted = `${countWords(tally.good)} of ${eventWords(tally.total, objective.unit)} good${isThin ? "; few, so this says little yet" : ""}`;
  const said = [trendWords(one), usedUpWords(one)].filter((words) => words !== null).join(" ");
  return `<article><div class="head"><h2>${objective.title}</h2><span class="promise">${objective.promise}</span><span class="state ${state}">${stateWords(one)}</span></div>
<dl><div><dt>Attained</dt><dd class="big">${shareWords(attainment)}</dd></div><div><dt>Target</dt><dd class="big">${shareWords(objective.target)}</dd></div>
<div class="wide"><dt>Error budget</dt><dd>${budgetWords(one)}</dd></div><div class="wide"><dt>Burn</dt><dd>${burnsWords(one)}</dd></div>
<div class="wide"><dt>Counted</dt><dd>${counted}</dd></div></dl>
${said === "" ? "" : `<p class="said">${said}</p>`}
<div class="plots">${attainmentPlot(one)}${burnPlot(one)}${budgetPlot(one)}</div>
<details><summary>Day by day</summary><div class="days"><table><thead><tr><th>24 hours from</th><th>good</th><th>total</th><th>attained</th><th>burn, 3 d</th><th>budget left</th></tr></thead>
<tbody>${one.days.toReversed().map(dayRow).join("")}</tbody></table></div></details></article>`;
}

function dayRow({ from, good, total, attainment, burn, budgetLeft }: DayPoint): string {
  const left = budgetLeft === null ? "no data" : `${Math.floor(budgetLeft * 100 + 1e-6)} %`;
  return `<tr><td>${when(from)}</td><td>${countWords(good)}</td><td>${countWords(total)}</td><td>${shareWords(attainment)}</td><td>${burnWords(burn)}</td><td>${left}</td></tr>`;
}

function when(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}
