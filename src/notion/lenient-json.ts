/** Reading of JSON that may grow fields at any time: Notion asks its clients to parse leniently. */

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function valueAt(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

export function recordAt(value: unknown, key: string): Json {
  const inner = valueAt(value, key);
  return isRecord(inner) ? inner : {};
}

export function listAt(value: unknown, key: string): unknown[] {
  const inner = valueAt(value, key);
  return Array.isArray(inner) ? inner : [];
}

export function stringAt(value: unknown, key: string): string | null {
  const inner = valueAt(value, key);
  return typeof inner === "string" ? inner : null;
}
