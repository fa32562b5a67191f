/** Health in words: never colour alone. */
import type { Check, CheckStatus, HealthReport } from "../../domain/health.ts";
import { inertLine, LIMITS, moment, sentence } from "../limits.ts";
import { type Block, context, header, type Message, section } from "./blocks.ts";

const OVERALL: Record<HealthReport["status"], string> = {
  healthy: "Healthy: everything I depend on works.",
  degraded: "Degraded: I work, but something needs attention.",
  unhealthy: "Unhealthy: something I cannot do without is down.",
};

const SIGN: Record<HealthReport["status"], string> = { healthy: "🟢", degraded: "🟠", unhealthy: "🔴" };

const MARK: Record<CheckStatus, string> = {
  ok: "OK",
  degraded: "Needs attention",
  down: "Down",
  unknown: "Not known",
};

const MOST_LINES = 20;
const DETAIL = 300;
/** A finding younger than this is "now" to a reader. */
const FRESH_MS = 60_000;

const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

export const LOOKING_AGAIN = "Looking again…";

/** `now` tells how old a finding is; what is older than a minute says when it was seen. */
export function healthMessage(report: HealthReport, now: Date, note = ""): Message {
  const lines = shownChecks(report);
  const bad = lines.filter((check) => check.status !== "ok").map((check) => lineOf(check, now));
  const well = lines.filter((check) => check.status === "ok").map((check) => lineOf(check, now));
  const head = `${SIGN[report.status]} ${OVERALL[report.status]}`;
  const blocks: Block[] = [
    header("health", head),
    ...paragraphs(bad).map((text, index) => section(`bad_${index}`, text)),
    ...paragraphs(well).map((text, index) => context(`well_${index}`, text)),
    ...(note === "" ? [] : [section("note", `_${note}_`)]),
  ];
  return { text: [`*${OVERALL[report.status]}*`, ...bad, ...well, note].filter(Boolean).join("\n"), blocks };
}

/** As few as hold the lines. */
function paragraphs(lines: string[]): string[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length < LIMITS.sectionText) {
      texts[texts.length - 1] = `${last}\n${line}`;
    } else texts.push(line);
  }
  return texts;
}

/**
 * Worst first. A part is shown when it is not well; then the check that sums it up needs no words of its own. When all
 * parts ail from the same thing, it is said once.
 */
function shownChecks({ checks }: HealthReport): Check[] {
  const sickOf = (name: string) => checks.filter((check) => check.partOf === name && check.status !== "ok");
  const isSaidOnce = (name: string) => {
    const sick = sickOf(name);
    return sick.length > 1 && new Set(sick.map(({ detail }) => detail)).size === 1;
  };
  const shown = checks.filter(({ name, status, partOf }) => {
    if (partOf !== undefined) return status !== "ok" && !isSaidOnce(partOf);
    return sickOf(name).length === 0 || isSaidOnce(name);
  });
  return shown.sort((a, b) => rank(a) - rank(b)).slice(0, MOST_LINES);
}

function lineOf(check: Check, now: Date): string {
  const isOld = check.checkedAt !== null && now.getTime() - Date.parse(check.checkedAt) > FRESH_MS;
  const seen = isOld && check.checkedAt !== null ? ` (seen ${moment(check.checkedAt)})` : "";
  const detail = sentence(capital(inertLine(check.detail, DETAIL))).replace(ISO, (iso) => moment(iso));
  return `• ${MARK[check.status]}: *${wordsOf(check)}*. ${detail}${seen}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "notion_system_inbox" → "notion system inbox". */
function wordsOf({ name }: Check): string {
  return inertLine(name.replaceAll("_", " "), 40);
}

/** Who answers comes last: it is no finding. */
function rank({ name, status }: Check): number {
  return name === "process"
    ? Number.POSITIVE_INFINITY
    : ["down", "unknown", "degraded", "ok"].indexOf(status);
}

/** One line for the Home tab. */
export function healthLine(report: HealthReport): string {
  const bad = shownChecks(report).filter((check) => check.status !== "ok");
  const head = `${SIGN[report.status]} ${OVERALL[report.status]}`;
  if (bad.length === 0) return head;
  const names = bad.slice(0, 4).map((check) => `${wordsOf(check)} (${MARK[check.status].toLowerCase()})`);
  const more = bad.length > names.length ? ` and ${bad.length - names.length} more` : "";
  return `${head} ${names.join(", ")}${more}. \`/emm health\` tells more.`;
}
