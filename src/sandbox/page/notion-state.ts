/** The ten Notion databases as plain tables, and plain values back into the kinds their columns take. */
import type { NotionDatabase, NotionRow, NotionStandIn } from "../stand-ins.ts";
import { isJson, type Json, objects, string } from "./block-json.ts";

export interface ColumnState {
  name: string;
  type: string;
  /** Names a select or status may take. */
  options: string[];
  editable: boolean;
}

export interface CellState {
  text: string;
  /** For links. */
  href: string | null;
}

export interface TableState {
  title: string;
  columns: ColumnState[];
  /** Newest first. */
  rows: { id: string; editedAt: string; cells: CellState[] }[];
}

export type PlainValue = string | number | boolean | string[] | null;

/** What a visitor cares for first. */
const FIRST = [
  "System Inbox",
  "Executive Intents",
  "Action Pipes",
  "Training Data",
  "Execution Log",
  "Tasks",
  "Projects",
];
/** Columns that tell the story, before the rest of their table. */
const LEADING = [
  "Status",
  "Approval_Status",
  "Outcome",
  "Acceptance_Rate",
  "Recommended_Option",
  "Decided_By",
  "Decision_Reason",
  "Decision_Made",
  "Risk_Level",
  "Projected_Impact",
  "Priority",
  "Requested_By",
  "Last_Error",
  "Content",
  "Description",
];
const EDITABLE = ["title", "rich_text", "number", "select", "status", "checkbox", "date", "url"];

export function notionState(notion: NotionStandIn): TableState[] {
  const databases = notion.databases();
  const titles = new Map(
    databases.flatMap(({ title }) => notion.rows(title).map((row) => [row.id, titleOf(row)] as const)),
  );
  const rank = (title: string) => (FIRST.includes(title) ? FIRST.indexOf(title) : FIRST.length);
  return databases
    .toSorted((a, b) => rank(a.title) - rank(b.title))
    .map((database) => tableState(database, notion.rows(database.title), titles));
}

export function titleOf(row: NotionRow): string {
  const title = Object.values(row.properties).find((property) => property.type === "title");
  return title ? plainText(title, "title") : "";
}

function tableState(database: NotionDatabase, rows: NotionRow[], titles: Map<string, string>): TableState {
  const columns = columnsOf(database);
  return {
    title: database.title,
    columns,
    rows: rows.toReversed().map((row) => ({
      id: row.id,
      editedAt: row.lastEditedTime,
      cells: columns.map(({ name }) => cellState(row.properties[name], titles)),
    })),
  };
}

function columnsOf(database: NotionDatabase): ColumnState[] {
  const rank = (name: string, type: string) => {
    if (type === "title") return -1;
    return LEADING.includes(name) ? LEADING.indexOf(name) : LEADING.length;
  };
  return Object.entries(database.properties)
    .map(([name, property]) => ({
      name,
      type: property.type,
      options: optionNames(property),
      editable: EDITABLE.includes(property.type),
    }))
    .toSorted((a, b) => rank(a.name, a.type) - rank(b.name, b.type));
}

function optionNames(property: Json): string[] {
  const settings = property[string(property, "type")];
  return isJson(settings) ? objects(settings, "options").map((option) => string(option, "name")) : [];
}

function cellState(property: Json | undefined, titles: Map<string, string>): CellState {
  if (!property) return { text: "", href: null };
  const type = string(property, "type");
  const value = property[type];
  switch (type) {
    case "title":
    case "rich_text":
      return { text: plainText(property, type), href: null };
    case "relation":
      return {
        text: objects(property, type)
          .map((page) => titles.get(string(page, "id")) ?? "(elsewhere)")
          .join(", "),
        href: null,
      };
    case "url":
      return { text: typeof value === "string" ? value : "", href: safeHref(value) };
    case "date":
      return { text: isJson(value) ? string(value, "start") : "", href: null };
    case "checkbox":
      return { text: value === true ? "✓" : "", href: null };
    default:
      return { text: otherText(value), href: null };
  }
}

function otherText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(otherText).join(", ");
  if (!isJson(value)) return String(value);
  if (typeof value["number"] === "number")
    return `${value["prefix"] ? `${String(value["prefix"])}-` : ""}${value["number"]}`;
  return string(value, "name");
}

/** One line for any property; relations by how many. */
export function textOfProperty(property: Json): string {
  if (property["type"] !== "relation") return cellState(property, new Map()).text;
  const pages = objects(property, "relation").length;
  return pages === 0 ? "" : `${pages} linked`;
}

function plainText(property: Json, key: string): string {
  return objects(property, key)
    .map((run) => string(run, "plain_text"))
    .join("");
}

function safeHref(value: unknown): string | null {
  return typeof value === "string" && /^https?:\/\//i.test(value) ? value : null;
}

/** What somebody typed into a cell, as the column takes it. Throws a RangeError that can be shown. */
export function plainValue(type: string, typed: string): PlainValue {
  if (type === "checkbox") return typed === "true" || typed === "✓";
  if (type === "title" || type === "rich_text") return typed;
  if (typed.trim() === "") return null;
  if (type !== "number") return typed;
  const number = Number(typed.replace(",", "."));
  if (!Number.isFinite(number)) throw new RangeError(`"${typed}" is not a number`);
  return number;
}
