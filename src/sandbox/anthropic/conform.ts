/**
 * Makes a value that obeys a JSON schema: from an idea where it fits, else invented from the words of the item. Knows
 * the subset that structured outputs accept. Pure and deterministic.
 */
import { clip, type Reading } from "./reading.ts";

export type Schema = { [key: string]: unknown };

interface Walk {
  root: Schema;
  reading: Reading;
}

/** `idea` is used wherever it fits the schema, property by property; `undefined` = no idea. */
export function conform(schema: Schema, idea: unknown, reading: Reading): unknown {
  return walk(schema, idea, "", { root: schema, reading });
}

function walk(schema: Schema, idea: unknown, name: string, at: Walk): unknown {
  const resolved = resolve(schema, at.root);
  if ("const" in resolved) return resolved["const"];
  if (Array.isArray(resolved["enum"])) return fromEnum(resolved["enum"], idea);
  const variants = resolved["anyOf"] ?? resolved["oneOf"];
  if (Array.isArray(variants)) return fromVariants(variants.filter(isSchema), idea, name, at);
  const [first] = Array.isArray(resolved["allOf"]) ? resolved["allOf"].filter(isSchema) : [];
  if (first) return walk(first, idea, name, at);
  return ofType(typeFor(resolved, idea), resolved, idea, name, at);
}

function resolve(schema: Schema, root: Schema): Schema {
  const ref = schema["$ref"];
  if (typeof ref !== "string") return schema;
  const target = ref
    .replace(/^#\/?/, "")
    .split("/")
    .filter((key) => key !== "")
    .reduce<unknown>((node, key) => (isSchema(node) ? node[key] : undefined), root);
  return isSchema(target) ? resolve(target, root) : {};
}

function typeFor(schema: Schema, idea: unknown): string {
  const { type } = schema;
  if (!Array.isArray(type)) return typeof type === "string" ? type : "object";
  if (idea === null || (idea === undefined && type.includes("null"))) return "null";
  return String(type.find((one) => one !== "null") ?? "null");
}

function ofType(type: string, schema: Schema, idea: unknown, name: string, at: Walk): unknown {
  switch (type) {
    case "null":
      return null;
    case "boolean":
      return typeof idea === "boolean" ? idea : false;
    case "integer":
    case "number":
      return number(schema, idea, at.reading);
    case "string":
      return text(schema, idea, name, at.reading);
    case "array":
      return list(schema, idea, name, at);
    default:
      return object(schema, idea, at);
  }
}

function object(schema: Schema, idea: unknown, at: Walk): Record<string, unknown> {
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const ideas: Schema = isSchema(idea) ? idea : {};
  const wanted = Object.entries(properties).filter(
    ([key]) => required.includes(key) || ideas[key] !== undefined,
  );
  return Object.fromEntries(
    wanted.map(([key, child]) => [key, walk(isSchema(child) ? child : {}, ideas[key], key, at)]),
  );
}

/** Size hints stand in the schema or, because the API refuses them there, in its description. */
function list(schema: Schema, idea: unknown, name: string, at: Walk): unknown[] {
  const items = isSchema(schema["items"]) ? schema["items"] : { type: "string" };
  if (Array.isArray(idea)) return idea.map((entry) => walk(items, entry, name, at));
  const hinted = /min(?:Items)?\D{0,12}(\d+)/i.exec(String(schema["description"] ?? ""))?.[1];
  const size = Math.max(Number(schema["minItems"] ?? hinted ?? 1), 1);
  const options = isSchema(items) && Array.isArray(items["enum"]) ? items["enum"] : [];
  return Array.from({ length: size }, (_, i) => walk(items, options[i], name, at));
}

function number(schema: Schema, idea: unknown, reading: Reading): number {
  const range = /(-?\d+)[^\d-]+?(?:to|–|-|and)\s*(-?\d+)/.exec(String(schema["description"] ?? ""));
  const min = Number(schema["minimum"] ?? range?.[1] ?? 1);
  const max = Math.max(min, Number(schema["maximum"] ?? range?.[2] ?? min + 9));
  const value = typeof idea === "number" ? idea : min + (reading.seed % (max - min + 1));
  const bounded = Math.min(max, Math.max(min, value));
  return schema["type"] === "integer" ? Math.round(bounded) : bounded;
}

const FORMATS: Record<string, string> = {
  "date-time": "2026-01-05T09:00:00Z",
  date: "2026-01-05",
  time: "09:00:00Z",
  email: "team@example.com",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function text(schema: Schema, idea: unknown, name: string, reading: Reading): string {
  if (typeof idea === "string") return idea;
  const format = FORMATS[String(schema["format"] ?? "")];
  if (format !== undefined) return format;
  if (/title|name|label|subject/i.test(name)) return clip(reading.title, 60);
  if (/question/i.test(name)) return `Should we ${reading.act}?`;
  return `On “${clip(reading.title, 60)}”: settle who is responsible, what it may cost and by when it is reviewed.`;
}

function fromEnum(values: unknown[], idea: unknown): unknown {
  const wanted = typeof idea === "string" ? idea.toLowerCase() : idea;
  const same = values.find((value) => (typeof value === "string" ? value.toLowerCase() : value) === wanted);
  return same === undefined ? values[0] : same;
}

/** Null where there is no idea and null is allowed; otherwise the first variant that is not null. */
function fromVariants(variants: Schema[], idea: unknown, name: string, at: Walk): unknown {
  const nullable = variants.some((variant) => variant["type"] === "null");
  if (nullable && (idea === null || idea === undefined)) return null;
  const kind = Array.isArray(idea) ? "array" : typeof idea;
  const real = variants.filter((variant) => variant["type"] !== "null");
  const fitting = real.find((variant) => resolve(variant, at.root)["type"] === kind) ?? real[0];
  return fitting ? walk(fitting, idea, name, at) : null;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
