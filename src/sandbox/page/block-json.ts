/** Reading Block Kit JSON, which arrives as unknown: anything missing or of another shape reads as empty. */

export type Json = Record<string, unknown>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function object(from: Json, key: string): Json | null {
  const value = from[key];
  return isJson(value) ? value : null;
}

export function objects(from: Json, key: string): Json[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function string(from: Json, key: string): string {
  const value = from[key];
  return typeof value === "string" ? value : "";
}

/** The text of a text object, or "". */
export function textOf(from: Json, key: string): string {
  const value = object(from, key);
  return value ? string(value, "text") : "";
}

/** Options of a select, radio group or checkbox group, groups flattened. */
export function optionsOf(element: Json): Json[] {
  const grouped = objects(element, "option_groups").flatMap((group) => objects(group, "options"));
  return [...objects(element, "options"), ...grouped];
}
