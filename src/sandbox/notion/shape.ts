/**
 * Checks of a request's shape, with Notion's words for what is wrong. Owns nothing about meaning: whether a
 * property or a page exists is decided elsewhere, later. A path starts with "body", "query" or "path".
 */
import { validationError } from "./api-error.ts";

export type Json = Record<string, unknown>;

/** Throws: `body failed validation: body.x should be …, instead was …`. */
export function refuse(path: string, should: string, was: unknown): never {
  const root = path.split(/[.[]/)[0] ?? "body";
  throw validationError(
    `${root} failed validation: ${path} should ${should}, instead was \`${shown(was)}\`.`,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "undefined";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 25)}...` : text;
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, path: string): Json {
  if (value === undefined) refuse(path, "be defined", value);
  if (!isJson(value)) refuse(path, "be an object", value);
  return value;
}

export function onlyKeys(object: Json, path: string, allowed: readonly string[]): void {
  for (const [key, value] of Object.entries(object)) {
    if (value !== undefined && !allowed.includes(key)) refuse(`${path}.${key}`, "be not present", value);
  }
}

export function asArray(value: unknown, path: string, max = 100): unknown[] {
  if (value === undefined) refuse(path, "be defined", value);
  if (!Array.isArray(value)) refuse(path, "be an array", value);
  if (value.length > max) refuse(`${path}.length`, `be ≤ \`${max}\``, value.length);
  return value;
}

/** Length in UTF-16 units, as JavaScript counts. */
export function asText(value: unknown, path: string, limits: { max?: number; min?: number } = {}): string {
  if (value === undefined) refuse(path, "be defined", value);
  if (typeof value !== "string") refuse(path, "be a string", value);
  const { max = 2000, min = 0 } = limits;
  if (value.length > max) refuse(`${path}.length`, `be ≤ \`${max}\``, value.length);
  if (value.length < min) refuse(`${path}.length`, `be ≥ \`${min}\``, value.length);
  return value;
}

export function asBoolean(value: unknown, path: string): boolean {
  if (typeof value !== "boolean") refuse(path, "be a boolean", value);
  return value;
}

export function asNumber(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) refuse(path, "be a number", value);
  return value;
}

export function asOneOf<const T extends string>(value: unknown, path: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value);
  if (found === undefined) refuse(path, `be ${allowed.map((name) => `\`"${name}"\``).join(" or ")}`, value);
  return found;
}

/** Dashed or not in, dashed and lower-case out; null when it is neither. */
export function parseId(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const hex = /^[0-9a-f]{32}$/i.test(value)
    ? value
    : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)
      ? value.replaceAll("-", "")
      : null;
  if (hex === null) return null;
  return hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function asId(value: unknown, path: string): string {
  if (value === undefined) refuse(path, "be defined", value);
  const id = parseId(value);
  if (id === null) refuse(path, "be a valid uuid", value);
  return id;
}

/** `page_size` from a body (number) or a query string (text). 0 and absent mean the default. */
export function asPageSize(value: unknown, root: "body" | "query"): number {
  if (value === undefined || value === null) return 100;
  const size = root === "query" ? Number(value) : value;
  const path = `${root}.page_size`;
  if (typeof size !== "number" || !Number.isInteger(size)) {
    refuse(path, "be a number or `undefined`", value);
  }
  if (size > 100) refuse(path, "be ≤ `100` or `undefined`", size);
  if (size < 0) refuse(path, "be ≥ `0` or `undefined`", size);
  return size === 0 ? 100 : size;
}
