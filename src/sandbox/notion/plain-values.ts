/** Values as a person types them in the app: plain text, numbers, option names, ids. No limits, names checked. */

import { plainRuns } from "./rich-text.ts";
import { addOption, newOption } from "./schema.ts";
import type { SeedValue } from "./seed.ts";
import { parseId } from "./shape.ts";
import {
  findProperty,
  type Page,
  type Property,
  type Stored,
  sourceOf,
  type World,
  writePage,
} from "./world.ts";

export interface PlainChange {
  values: Record<string, SeedValue>;
  /** Id of a user. */
  actor: string;
}

/** Throws a plain Error for a property or a status that does not exist. */
export function setPlainValues(world: World, page: Page, { values, actor }: PlainChange): void {
  const source = sourceOf(world, page);
  const stored: Record<string, Stored | null> = {};
  for (const [name, value] of Object.entries(values)) {
    if (!source && name === "title") {
      stored["title"] = { kind: "text", runs: plainRuns(String(value)) };
      continue;
    }
    const property = source && findProperty(source, name);
    if (!property) throw new Error(`${source?.title ?? "This page"} has no property "${name}"`);
    stored[property.id] = value === null || value === "" ? null : plainValue(property, value);
  }
  writePage(world, page, { values: stored }, actor);
}

function plainValue(property: Property, value: string | number | boolean | string[]): Stored | null {
  const list = Array.isArray(value) ? value : [String(value)];
  switch (property.type) {
    case "title":
    case "rich_text":
      return { kind: "text", runs: plainRuns(list.join(", ")) };
    case "number":
      return plainNumber(property, value);
    case "checkbox":
      return { kind: "flag", value: value === true || value === "true" };
    case "select":
    case "status":
      return { kind: "option", id: optionId(property, String(value)) };
    case "multi_select":
      return { kind: "options", ids: list.map((name) => optionId(property, name)) };
    case "date":
      return { kind: "date", start: String(value), end: null, timeZone: null };
    case "relation":
    case "people":
      return list.length === 0 ? null : { kind: "ids", ids: list.map((id) => parseId(id) ?? id) };
    case "url":
    case "email":
    case "phone_number":
      return { kind: "string", value: String(value) };
    default:
      throw new Error(`${property.name} (${property.type}) cannot be edited`);
  }
}

function plainNumber(property: Property, value: unknown): Stored {
  const number = Number(value);
  if (Number.isNaN(number)) throw new Error(`${property.name} takes a number, not ${String(value)}`);
  return { kind: "number", value: number };
}

function optionId(property: Property, name: string): string {
  const known = property.options.find((option) => option.name.toLowerCase() === name.toLowerCase());
  if (known) return known.id;
  if (property.type === "status") throw new Error(`${property.name} has no status "${name}"`);
  const option = newOption(property, name);
  addOption(property, option);
  return option.id;
}
