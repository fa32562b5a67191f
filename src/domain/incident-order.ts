/** What follows `/emm incident`: read, and named where it is wrong. Pure. */
import { INCIDENT_SEVERITIES, type IncidentSeverity } from "./incident.ts";

export const INCIDENT_WORDS = ["open", "update", "owner", "mitigated", "close", "list"] as const;
type IncidentWord = (typeof INCIDENT_WORDS)[number];

export const MAX_TITLE = 150;
export const MAX_TEXT = 2_500;

export type IncidentOrder =
  | { kind: "list" }
  /** `text` is all that was typed, when it is more than a title holds. */
  | { kind: "open"; severity: IncidentSeverity; title: string; text: string }
  /** `number` null = the one that is open. */
  | { kind: "update" | "mitigated" | "close"; number: number | null; text: string }
  | { kind: "owner"; number: number | null; text: string }
  | { kind: "problem"; word: IncidentWord; problem: string }
  | { kind: "unknown"; word: string };

export function readIncidentOrder(typed: string): IncidentOrder {
  const { word, rest } = firstWord(typed.trim());
  const name = word.toLowerCase();
  if (name === "" || name === "list") return { kind: "list" };
  if (name === "open") return readOpening(rest);
  const known = INCIDENT_WORDS.find((candidate) => candidate === name);
  if (known === undefined || known === "list" || known === "open") return { kind: "unknown", word };
  const { number, text } = numbered(rest);
  if (text.length > MAX_TEXT) {
    return { kind: "problem", word: known, problem: `That has ${text.length} characters; ${MAX_TEXT} fit.` };
  }
  if (known === "update" && text === "")
    return { kind: "problem", word: known, problem: "The text is missing." };
  if (known === "owner" && text === "")
    return { kind: "problem", word: known, problem: "The person is missing." };
  return { kind: known, number, text };
}

function readOpening(rest: string): IncidentOrder {
  const { word, rest: text } = firstWord(rest);
  const severity = INCIDENT_SEVERITIES.find(
    (candidate) => candidate === word.toUpperCase().replace(/:$/, ""),
  );
  const problem = (words: string): IncidentOrder => ({ kind: "problem", word: "open", problem: words });
  if (severity === undefined) return problem("How bad is it? P1, P2, P3 or P4 comes first.");
  const title = text.replace(/\s+/g, " ").trim();
  if (title === "") return problem("The title is missing: what is wrong, in a few words.");
  if (text.length > MAX_TEXT) return problem(`That has ${text.length} characters; ${MAX_TEXT} fit.`);
  return { kind: "open", severity, title: cut(title, MAX_TITLE), text: text.trim() };
}

function firstWord(text: string): { word: string; rest: string } {
  const [word = ""] = text.split(/\s/, 1);
  return { word, rest: text.slice(word.length).trim() };
}

/** "#3" at the start; a bare number would be taken out of "3 replicas are gone". */
function numbered(text: string): { number: number | null; text: string } {
  const match = /^#(\d{1,9})(?=\s|$)/.exec(text);
  if (!match) return { number: null, text };
  return { number: Number(match[1]), text: text.slice(match[0].length).trim() };
}

/** Whole characters only. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = Array.from(text.slice(0, max - 1));
  const last = points.at(-1) ?? "";
  return `${(/\p{Surrogate}/u.test(last) ? points.slice(0, -1) : points).join("").trimEnd()}…`;
}
