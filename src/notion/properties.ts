/**
 * Property values to and from Notion's JSON. Text is written in runs of at most 2,000 UTF-16 units, 100 runs to
 * a property, and read back whole whatever its runs are. What one property or one request (500 KB) cannot hold
 * is handed back as `rest`, never cut.
 */
import { AppError } from "../errors.ts";
import type { PropertyType } from "./databases/property-table.ts";
import { listAt, recordAt, stringAt, valueAt } from "./lenient-json.ts";

export const MAX_RUN_UNITS = 2000;
export const MAX_RUNS = 100;
const MAX_RELATIONS = 100;
const MAX_OPTION_NAME = 100;
/** A page object shows at most this many references of a property; the rest is paged. */
const REFERENCES_SHOWN = 25;
/** JSON around one run, so that a budget of bytes holds for the whole body. */
const RUN_OVERHEAD_BYTES = 48;

/** Bytes that texts may still take in this request. */
export interface TextBudget {
  bytesLeft: number;
}

export interface TextRun {
  type: "text";
  text: { content: string };
}

/** Lone surrogates and NUL cannot be stored; everything else is kept. */
export function storableText(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd").replaceAll("\u0000", "");
}

/** Pieces of at most `maxUnits` UTF-16 units that never split a character. Joined they are the text. */
export function chunkText(text: string, maxUnits: number = MAX_RUN_UNITS): string[] {
  const chunks: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + maxUnits, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) && end - start > 1) end--;
    chunks.push(text.slice(start, end));
    start = end;
  }
  return chunks;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** As many runs as one property and the budget hold, and the text that is left over. */
export function encodeText(text: string, budget: TextBudget): { runs: TextRun[]; rest: string } {
  const chunks = chunkText(storableText(text));
  const runs: TextRun[] = [];
  for (const content of chunks) {
    const bytes = Buffer.byteLength(JSON.stringify(content)) + RUN_OVERHEAD_BYTES;
    if (runs.length === MAX_RUNS || bytes > budget.bytesLeft) break;
    budget.bytesLeft -= bytes;
    runs.push({ type: "text", text: { content } });
  }
  return { runs, rest: chunks.slice(runs.length).join("") };
}

/** What a value needs to know about the property it is written to. */
export interface WriteTarget {
  /** "Tasks, Status", for messages. */
  label: string;
  type: PropertyType;
  /** Option names in the workspace's schema. */
  schemaOptions: readonly string[];
  /** Option names of ours; null = any. */
  ownOptions: readonly string[] | null;
}

/** `json` null = nothing is written (a property that Notion fills in itself, or a status left to its default). */
export interface EncodedValue {
  json: Record<string, unknown> | null;
  rest: string;
}

export function encodeValue(target: WriteTarget, value: unknown, budget: TextBudget): EncodedValue {
  if (target.type === "title" || target.type === "rich_text") {
    const { runs, rest } = encodeText(asString(target, value), budget);
    return { json: { [target.type]: runs }, rest };
  }
  return { json: encodeShort(target, value), rest: "" };
}

function encodeShort(target: WriteTarget, value: unknown): Record<string, unknown> | null {
  switch (target.type) {
    case "number":
      return { number: value === null ? null : asNumber(target, value) };
    case "checkbox":
      return { checkbox: value === true };
    case "date":
      return { date: value === null ? null : { start: asString(target, value) } };
    case "url":
      return { url: value === null || value === "" ? null : asString(target, value) };
    case "select": {
      const name = optionName(target, value);
      return { select: name === null ? null : { name } };
    }
    case "status": {
      const name = optionName(target, value);
      return name === null ? null : { status: { name } };
    }
    case "relation":
      return { relation: asIds(target, value).map((id) => ({ id })) };
    case "people":
      return { people: asIds(target, value).map((id) => ({ object: "user", id })) };
    default:
      return null;
  }
}

/**
 * The option to write: one the schema has (names are unique whatever their case), else ours. A select grows by
 * itself, so a name that is neither is refused here; a status never grows, so it is left alone.
 */
function optionName(target: WriteTarget, value: unknown): string | null {
  if (value === null) return null;
  const wanted = (Array.isArray(value) ? value : [value]).map((name) => asString(target, name).trim());
  for (const name of wanted) {
    const known = target.schemaOptions.find((o) => o.toLowerCase() === name.toLowerCase());
    if (known !== undefined) return known;
  }
  if (target.type === "status") return null;
  const first = wanted[0] ?? "";
  if (target.ownOptions !== null && !target.ownOptions.includes(first))
    throw invalid(`${target.label}: "${first}" is not one of its options`);
  const storable = storableText(first).replace(/\s*,\s*/g, " ");
  return storable === "" ? null : (chunkText(storable, MAX_OPTION_NAME)[0] ?? null);
}

function asString(target: WriteTarget, value: unknown): string {
  if (typeof value === "string") return value;
  throw invalid(`${target.label}: a text is expected`);
}

function asNumber(target: WriteTarget, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw invalid(`${target.label}: a number is expected`);
}

function asIds(target: WriteTarget, value: unknown): string[] {
  const ids = Array.isArray(value) ? value.map((id) => asString(target, id)) : [];
  if (ids.length > MAX_RELATIONS)
    throw invalid(`${target.label}: ${ids.length} links, Notion takes ${MAX_RELATIONS} in one request`);
  return [...new Set(ids)];
}

function invalid(message: string): AppError {
  return new AppError(message, { code: "notion_invalid", retryable: false });
}

/** Value of a property as a page object carries it; the empty value when it is absent or of another type. */
export function decodeValue(type: PropertyType, property: unknown): unknown {
  switch (type) {
    case "title":
    case "rich_text":
      return plainText(listAt(property, type));
    case "number": {
      const value = valueAt(property, "number");
      return typeof value === "number" ? value : null;
    }
    case "select":
    case "status":
      return stringAt(recordAt(property, type), "name");
    case "checkbox":
      return valueAt(property, "checkbox") === true;
    case "date":
      return stringAt(recordAt(property, "date"), "start");
    case "created_time":
      return stringAt(property, "created_time");
    case "url":
      return stringAt(property, "url");
    case "relation":
    case "people":
      return listAt(property, type).flatMap((entry) => stringAt(entry, "id") ?? []);
  }
}

/** The empty value of a type, for a property the workspace does not have. */
export function emptyValue(type: PropertyType): unknown {
  return decodeValue(type, {});
}

/** All runs, in order; their boundaries mean nothing. */
export function plainText(runs: readonly unknown[]): string {
  return runs.map((run) => stringAt(run, "plain_text") ?? textContent(run)).join("");
}

function textContent(run: unknown): string {
  return stringAt(recordAt(run, "text"), "content") ?? "";
}

/** True when the page object holds only the first 25 references and the rest has to be paged. */
export function isCutShort(type: PropertyType, property: unknown): boolean {
  if (type === "relation") return valueAt(property, "has_more") === true;
  if (type === "people") return listAt(property, type).length >= REFERENCES_SHOWN;
  if (type !== "title" && type !== "rich_text") return false;
  const mentions = listAt(property, type).filter((run) => stringAt(run, "type") === "mention");
  return mentions.length >= REFERENCES_SHOWN;
}
