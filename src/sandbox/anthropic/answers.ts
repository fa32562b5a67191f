/** Chooses what to say: our questions by the shape of their schema, anything else by walking it. */
import { conform, isSchema, type Schema } from "./conform.ts";
import { adviseOn, frameItem, summarise } from "./memo.ts";
import { answerQuestion, questionIn } from "./question.ts";
import { type Reading, readPrompt, say } from "./reading.ts";
import { sortItem } from "./triage.ts";

export interface Asked {
  system: string;
  /** All user turns, in order. */
  prompt: string;
  /** null = plain text is wanted. */
  schema: Schema | null;
}

/** The text of the answer. */
export function answerText(asked: Asked): string {
  const reading = readPrompt(asked.prompt);
  if (!asked.schema) return plainMemo(reading);
  return JSON.stringify(conform(asked.schema, ideaFor(asked, asked.schema, reading), reading));
}

function ideaFor({ system, prompt }: Asked, schema: Schema, reading: Reading): unknown {
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const has = (...names: string[]) => names.every((name) => name in properties);
  if (has("scores")) return adviseOn(reading, adviserIn(system));
  if (has("recommendedOption")) return summarise(reading);
  if (has("options")) return frameItem(reading);
  if (has("kind")) {
    return sortItem(reading, { areas: listIn(system, "Areas"), advisers: listIn(system, "Advisers") });
  }
  if (has("answer")) {
    return answerQuestion(reading, { adviser: adviserIn(system), question: questionIn(prompt) });
  }
  return undefined;
}

function adviserIn(system: string): string {
  return /^You are ([^.,;:\n]+)/.exec(system)?.[1]?.trim() ?? "";
}

/** A line such as: Areas: "Growth", "Finance" */
function listIn(text: string, label: string): string[] {
  const line = new RegExp(`^${label}: (.*)$`, "m").exec(text)?.[1] ?? "";
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => String(JSON.parse(match[0])));
}

function plainMemo(reading: Reading): string {
  const memo = summarise(reading);
  const stake = reading.stake ? ` ${say(reading.stake)} is at stake.` : "";
  return `On “${reading.title}”.${stake} ${memo.rationale} ${memo.riskAssessment}`;
}
