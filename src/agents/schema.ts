/**
 * Zod pieces for what Claude answers. Each repairs what the API does not promise (case of enums, ranges, blanks)
 * before it checks, and `outputSchema` turns the whole into the JSON schema that is sent along.
 */
import { z } from "zod";

/** Structured outputs answer 400 to these; the hint belongs into the description, the check is zod's. */
const UNSUPPORTED = [
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "pattern",
  "default",
  "$schema",
] as const;

/** `title` names the step for whoever reads the request. */
export function outputSchema(title: string, schema: z.ZodType): Record<string, unknown> {
  const json = z.toJSONSchema(schema, {
    reused: "inline",
    override: ({ jsonSchema }) => {
      for (const keyword of UNSUPPORTED) delete jsonSchema[keyword];
    },
  });
  const { $schema: _dialect, ...rest } = json;
  return { ...rest, title };
}

/** One of `values`, whatever the capitals. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.preprocess((raw) => {
    if (typeof raw !== "string") return raw;
    const wanted = raw.trim().toLowerCase();
    return values.find((value) => value.toLowerCase() === wanted) ?? raw;
  }, z.enum(values));
}

/** A whole number, pulled into the range. */
export function scale(min: number, max: number) {
  return z.preprocess((raw) => {
    const value = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
    if (typeof value !== "number" || !Number.isFinite(value)) return raw;
    return Math.min(max, Math.max(min, Math.round(value)));
  }, z.int().min(min).max(max));
}

/** Text with something in it. */
export function words() {
  return z.preprocess(trimmed, z.string().min(1));
}

/** Text that may be empty. */
export function name() {
  return z.preprocess(trimmed, z.string());
}

/** Entries without blanks and repetitions; may be empty. */
export function lines() {
  return z.preprocess((raw) => {
    if (!Array.isArray(raw)) return raw;
    const entries: unknown[] = raw.map(trimmed).filter((entry) => entry !== "");
    return [...new Set(entries)];
  }, z.array(z.string()));
}

/** NUL and halves of surrogate pairs can be written as JSON, but neither PostgreSQL nor Notion can hold them. */
function trimmed(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  return raw
    .replaceAll("\u0000", "")
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .trim();
}
