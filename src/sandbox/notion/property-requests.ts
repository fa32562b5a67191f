/**
 * The `properties` of a page request: shape only, without looking at any schema. What the values mean for a
 * certain data source is decided in property-values.ts.
 */
import { validationError } from "./api-error.ts";
import { parseRichText } from "./rich-text.ts";
import {
  asArray,
  asBoolean,
  asId,
  asNumber,
  asObject,
  asText,
  isJson,
  type Json,
  onlyKeys,
  refuse,
} from "./shape.ts";
import type { PropertyType, Stored } from "./world.ts";

export interface OptionRef {
  id: string | null;
  name: string | null;
}

export type Requested =
  | { type: PropertyType; value: Stored | null }
  | { type: "select" | "status" | "multi_select"; choices: OptionRef[] };

const PARSERS: Partial<Record<PropertyType, (value: unknown, path: string) => Requested>> = {
  title: (value, path) => textValue("title", value, path),
  rich_text: (value, path) => textValue("rich_text", value, path),
  number: (value, path) => ({
    type: "number",
    value: value === null ? null : { kind: "number", value: asNumber(value, path) },
  }),
  select: (value, path) => ({ type: "select", choices: value === null ? [] : [asOption(value, path)] }),
  status: (value, path) => ({ type: "status", choices: value === null ? [] : [asOption(value, path)] }),
  multi_select: (value, path) => ({
    type: "multi_select",
    choices: asArray(value, path).map((item, index) => asOption(item, `${path}[${index}]`)),
  }),
  date: (value, path) => ({ type: "date", value: value === null ? null : asDate(value, path) }),
  people: (value, path) => idsValue("people", value, path),
  relation: (value, path) => idsValue("relation", value, path),
  files: (value, path) => ({
    type: "files",
    value: {
      kind: "files",
      files: asArray(value, path).map((file, index) => asObject(file, `${path}[${index}]`)),
    },
  }),
  checkbox: (value, path) => ({
    type: "checkbox",
    value: { kind: "flag", value: asBoolean(value, path) },
  }),
  url: (value, path) => stringValue("url", value, { path, max: 2000 }),
  email: (value, path) => stringValue("email", value, { path, max: 200 }),
  phone_number: (value, path) => stringValue("phone_number", value, { path, max: 200 }),
};

/** By the key it was sent under: a property's name or id. */
export function parseProperties(value: unknown): Map<string, Requested> {
  const requested = new Map<string, Requested>();
  if (value === undefined) return requested;
  for (const [key, raw] of Object.entries(asObject(value, "body.properties"))) {
    requested.set(key, parseValue(raw, `body.properties.${key}`));
  }
  return requested;
}

function parseValue(raw: unknown, path: string): Requested {
  // The short form {title: [...]} is accepted for the title of a page.
  if (Array.isArray(raw)) return textValue("title", raw, path);
  const object = asObject(raw, path);
  const types = Object.keys(PARSERS).filter((type) => object[type] !== undefined);
  const type = types[0];
  if (type === undefined) throw noKnownType(path);
  onlyKeys(object, path, [type, "type", "id", "name"]);
  const parser = PARSERS[type as PropertyType];
  if (!parser) throw noKnownType(path);
  return parser(object[type], `${path}.${type}`);
}

function noKnownType(path: string) {
  const lines = Object.keys(PARSERS).map(
    (type) => `${path}.${type} should be defined, instead was \`undefined\`.`,
  );
  return validationError(`body failed validation. Fix one:\n${lines.join("\n")}`);
}

function textValue(type: "title" | "rich_text", value: unknown, path: string): Requested {
  const runs = parseRichText(value, path);
  return { type, value: runs.length === 0 ? null : { kind: "text", runs } };
}

function stringValue(
  type: "url" | "email" | "phone_number",
  value: unknown,
  limits: { path: string; max: number },
): Requested {
  if (value === null) return { type, value: null };
  return {
    type,
    value: { kind: "string", value: asText(value, limits.path, { max: limits.max, min: 1 }) },
  };
}

function idsValue(type: "people" | "relation", value: unknown, path: string): Requested {
  const ids = asArray(value, path).map((item, index) =>
    asId(asObject(item, `${path}[${index}]`)["id"], `${path}[${index}].id`),
  );
  return { type, value: ids.length === 0 ? null : { kind: "ids", ids: [...new Set(ids)] } };
}

function asOption(value: unknown, path: string): OptionRef {
  if (!isJson(value)) refuse(path, "be an object or `null`", value);
  onlyKeys(value, path, ["id", "name", "color", "description"]);
  if (value["id"] === undefined && value["name"] === undefined) {
    throw validationError(
      `body failed validation. Fix one:\n${path}.id should be defined, instead was \`undefined\`.\n${path}.name should be defined, instead was \`undefined\`.`,
    );
  }
  return {
    id: value["id"] === undefined ? null : asText(value["id"], `${path}.id`, { max: 100 }),
    name: value["name"] === undefined ? null : asText(value["name"], `${path}.name`, { max: 100, min: 1 }),
  };
}

function asDate(value: unknown, path: string): Stored {
  if (!isJson(value)) refuse(path, "be an object or `null`", value);
  onlyKeys(value, path, ["start", "end", "time_zone"]);
  const timeZone = dateTimeZone(value, path);
  const start = asIsoDate(value["start"], `${path}.start`);
  const end = value["end"] ? asIsoDate(value["end"], `${path}.end`) : null;
  if (end !== null && end < start) {
    throw validationError(`${path}.end should be after ${path}.start.`);
  }
  return { kind: "date", start, end, timeZone };
}

function dateTimeZone(value: Json, path: string): string | null {
  const zone = value["time_zone"];
  return zone === undefined || zone === null ? null : asText(zone, `${path}.time_zone`);
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A day as it is; a time in UTC without its seconds, because Notion's dates have none. */
export function asIsoDate(value: unknown, path: string): string {
  const text = asText(value, path);
  const zoned = /T[^Z+-]*$/.test(text) ? `${text}Z` : text;
  if (!ISO_DATE.test(text) || Number.isNaN(Date.parse(zoned))) {
    refuse(path, "be a valid ISO 8601 date string", value);
  }
  return text.includes("T") ? `${new Date(zoned).toISOString().slice(0, 16)}:00.000+00:00` : text;
}
