/** What is set up wrongly, and what nobody has seen work yet: worst first, each with the fix. Pure. */
import type { Diagnosis } from "../doctor-ports.ts";
import { fitting, inertLine, LIMITS, oneLine, sentence } from "../limits.ts";
import { type Block, context, header, type Message, section } from "./blocks.ts";

/** Characters of all lines; with what stands around them, a message holds 9,000. */
const ROOM = 7_500;
const DETAIL = 220;
const FIX = 130;

const HEADINGS: [Exclude<Diagnosis["mark"], "ok">, string, [string, string]][] = [
  ["problem", "Wrong", ["1 problem", "problems"]],
  ["warning", "Worth a look", ["1 warning", "warnings"]],
  ["unproven", "Not proven", ["1 thing not proven", "things not proven"]],
];

export const EXAMINING = "Looking at everything: Slack, Notion, Claude, the store, and who is let in…";

export function doctorMessage(found: readonly Diagnosis[], versions: readonly string[]): Message {
  const bad = HEADINGS.flatMap(([mark]) => found.filter((one) => one.mark === mark));
  const shown = new Set(bad.slice(0, fitting(bad.map(lineOf), ROOM).length));
  const head = `${bad.some(({ mark }) => mark === "problem") ? "🔴" : bad.length > 0 ? "🟠" : "🟢"} ${sumOf(found)}`;
  const blocks: Block[] = [
    header("doctor", head),
    ...HEADINGS.flatMap(([mark, title]) => {
      const lines = bad.filter((one) => one.mark === mark && shown.has(one)).map(lineOf);
      return lines.length === 0 ? [] : [section(`${mark}_title`, `*${title}*`), ...sections(mark, lines)];
    }),
    ...(bad.length > shown.size
      ? [context("more", `… and ${bad.length - shown.size} more: \`npm run emm -- doctor\` lists all`)]
      : []),
    context("fine", fineLine(found)),
    context("versions", versions.map((one) => inertLine(one, 120)).join(" · ")),
  ];
  return { text: head, blocks };
}

function sumOf(found: readonly Diagnosis[]): string {
  const parts = HEADINGS.flatMap(([mark, , [one, many]]) => {
    const count = found.filter((each) => each.mark === mark).length;
    return count === 0 ? [] : [count === 1 ? one : `${count} ${many}`];
  });
  return parts.length === 0 ? "Everything is set up and was seen to work" : parts.join(", ");
}

function lineOf({ area, subject, detail, fix }: Diagnosis): string {
  const name = `*${inertLine(area, 30)}: ${inertLine(subject, 60).replace(/\*/g, "∗")}*`;
  const what = `• ${name}. ${capital(sentence(inertLine(oneLine(detail), DETAIL)))}`;
  return fix === null ? what : `${what} → ${capital(sentence(inertLine(fix, FIX)))}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As few as hold the lines. */
function sections(name: string, lines: string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length < LIMITS.sectionText) {
      texts[texts.length - 1] = `${last}\n${line}`;
    } else texts.push(line);
  }
  return texts.map((text, index) => section(`${name}_${index}`, text));
}

/** "Fine: Slack 8, Notion 10". */
function fineLine(found: readonly Diagnosis[]): string {
  const counts = new Map<string, number>();
  for (const { area, mark } of found) {
    if (mark === "ok") counts.set(area, (counts.get(area) ?? 0) + 1);
  }
  const areas = [...counts].map(([area, count]) => `${inertLine(area, 30)} ${count}`);
  return areas.length === 0 ? "Nothing was found to be fine." : `Fine: ${areas.join(", ")}`;
}
