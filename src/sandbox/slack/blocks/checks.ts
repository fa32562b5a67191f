/**
 * The small language in which the Block Kit rules are written: a check looks at one JSON value and notes what
 * Slack would complain about, with the JSON pointer. Owns no rule of any block; those are in elements.ts,
 * layouts.ts and validate-blocks.ts. Pure.
 */
import { isRecord, type Json } from "../json-values.ts";

export type Surface = "message" | "modal" | "home";

export interface BlockError {
  /** JSON pointer to the offending value: "/blocks/0/text/text". */
  pointer: string;
  code: string;
  message: string;
}

export interface Inspection {
  surface: Surface;
  errors: BlockError[];
}

export type Check = (value: unknown, pointer: string, inspection: Inspection) => void;

export function complain(
  inspection: Inspection,
  pointer: string,
  message: string,
  code = "failed_constraint",
): void {
  inspection.errors.push({ pointer, code, message });
}

/** A bare string. Slack refuses empty ones wherever a text is shown. */
export function string(limits: { max: number; min?: number }): Check {
  return (value, pointer, inspection) => {
    if (typeof value !== "string") {
      complain(inspection, pointer, "must provide a string", "invalid_type");
      return;
    }
    const min = limits.min ?? 1;
    if (value.length < min) complain(inspection, pointer, `must be more than ${min - 1} characters`);
    if (value.length > limits.max)
      complain(inspection, pointer, `must be less than ${limits.max + 1} characters`);
  };
}

export const boolean: Check = (value, pointer, inspection) => {
  if (typeof value !== "boolean") complain(inspection, pointer, "must provide a boolean", "invalid_type");
};

export function integer(limits: { min: number; max: number }): Check {
  return (value, pointer, inspection) => {
    if (typeof value !== "number" || !Number.isInteger(value)) {
      complain(inspection, pointer, "must provide an integer", "invalid_type");
    } else if (value < limits.min) complain(inspection, pointer, `must be more than ${limits.min - 1}`);
    else if (value > limits.max) complain(inspection, pointer, `must be less than ${limits.max + 1}`);
  };
}

export const number: Check = (value, pointer, inspection) => {
  if (typeof value !== "number") complain(inspection, pointer, "must provide a number", "invalid_type");
};

export function oneOf(allowed: readonly string[]): Check {
  return (value, pointer, inspection) => {
    if (typeof value !== "string" || !allowed.includes(value)) {
      complain(inspection, pointer, `must be one of: ${allowed.join(", ")}`, "enum");
    }
  };
}

export function matching(pattern: RegExp, what: string): Check {
  return (value, pointer, inspection) => {
    if (typeof value !== "string" || !pattern.test(value)) complain(inspection, pointer, `invalid ${what}`);
  };
}

export function url(max: number): Check {
  return (value, pointer, inspection) => {
    string({ max })(value, pointer, inspection);
    if (typeof value === "string" && value !== "" && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(value)) {
      complain(inspection, pointer, "invalid url");
    }
  };
}

export function list(item: Check, limits: { min?: number; max: number }): Check {
  return (value, pointer, inspection) => {
    if (!Array.isArray(value)) {
      complain(inspection, pointer, "must provide an array", "invalid_type");
      return;
    }
    const min = limits.min ?? 1;
    if (value.length < min)
      complain(inspection, pointer, `no less than ${min} item${min === 1 ? "" : "s"} allowed`);
    if (value.length > limits.max) complain(inspection, pointer, `no more than ${limits.max} items allowed`);
    value.forEach((entry, index) => {
      item(entry, `${pointer}/${index}`, inspection);
    });
  };
}

export interface Shape {
  required?: Record<string, Check>;
  optional?: Record<string, Check>;
  /** What only the whole object can tell. */
  rule?: (value: Json, pointer: string, inspection: Inspection) => void;
}

/** An object with exactly these fields, `type` aside. */
export function object(shape: Shape): Check {
  const checks = { ...shape.optional, ...shape.required };
  return (value, pointer, inspection) => {
    if (!isRecord(value)) {
      complain(inspection, pointer, "must provide an object", "invalid_type");
      return;
    }
    for (const name of Object.keys(shape.required ?? {})) {
      if (value[name] === undefined)
        complain(inspection, pointer, `missing required field: ${name}`, "missing_field");
    }
    for (const [name, field] of Object.entries(value)) {
      if (name === "type" || field === undefined) continue;
      const check = checks[name];
      if (check === undefined)
        complain(inspection, pointer, `invalid additional property: ${name}`, "additional_property");
      else check(field, `${pointer}/${name}`, inspection);
    }
    shape.rule?.(value, pointer, inspection);
  };
}

/** Picks the check by the value's `type`. */
export function byType(kinds: Readonly<Record<string, Check>>): Check {
  return (value, pointer, inspection) => {
    if (!isRecord(value)) {
      complain(inspection, pointer, "must provide an object", "invalid_type");
      return;
    }
    const type = value["type"];
    if (type === undefined) {
      complain(inspection, pointer, "missing required field: type", "missing_field");
      return;
    }
    const check = typeof type === "string" && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    if (check === undefined)
      complain(inspection, `${pointer}/type`, `unsupported type: ${String(type)}`, "unsupported_type");
    else check(value, pointer, inspection);
  };
}

/** Some of a table of kinds, by name. */
export function only(
  kinds: Readonly<Record<string, Check>>,
  names: readonly string[],
): Record<string, Check> {
  return Object.fromEntries(Object.entries(kinds).filter(([name]) => names.includes(name)));
}
