/** Filters of a query: checked against the schema and compiled to one function per filter. */
import { validationError } from "./api-error.ts";
import { matchDate } from "./date-filters.ts";
import { chosenOption } from "./property-values.ts";
import { plainText } from "./rich-text.ts";
import {
  asArray,
  asBoolean,
  asId,
  asNumber,
  asObject,
  asText,
  type Json,
  onlyKeys,
  refuse,
} from "./shape.ts";
import { minuteTime } from "./stamps.ts";
import {
  type DataSource,
  findProperty,
  idsOf,
  type Page,
  type PageVersion,
  type Property,
  type PropertyType,
} from "./world.ts";

export interface Row {
  page: Page;
  version: PageVersion;
}

export type Matcher = (row: Row) => boolean;

export interface FilterContext {
  source: DataSource;
  now: number;
}

/** Levels of and/or that a filter may have. */
const MAX_DEPTH = 2;

/** Throws Notion's error for a filter that does not fit the schema. */
export function compileFilter(
  context: FilterContext,
  filter: unknown,
  path = "body.filter",
  depth = 1,
): Matcher {
  const object = asObject(filter, path);
  for (const word of ["and", "or"] as const) {
    if (object[word] === undefined) continue;
    if (depth > MAX_DEPTH) refuse(`${path}.${word}`, "be not present", object[word]);
    onlyKeys(object, path, [word]);
    const parts = asArray(object[word], `${path}.${word}`).map((part, index) =>
      compileFilter(context, part, `${path}.${word}[${index}]`, depth + 1),
    );
    return word === "and"
      ? (row) => parts.every((part) => part(row))
      : (row) => parts.some((part) => part(row));
  }
  if (object["timestamp"] !== undefined) return compileTimestamp(context, object, path);
  return compileProperty(context, object, path);
}

function compileTimestamp(context: FilterContext, filter: Json, path: string): Matcher {
  const field = filter["timestamp"];
  if (field !== "created_time" && field !== "last_edited_time") {
    refuse(`${path}.timestamp`, 'be `"created_time"` or `"last_edited_time"`', field);
  }
  onlyKeys(filter, path, ["timestamp", "type", field]);
  const { operator, value } = oneOperator(filter[field], `${path}.${field}`);
  const matches = matchDate({ operator, value, path: `${path}.${field}`, now: context.now });
  return (row) => matches(timeOf(field, row));
}

function timeOf(field: "created_time" | "last_edited_time", row: Row): string {
  return minuteTime(field === "created_time" ? row.page.createdAt : row.version.at);
}

function compileProperty(context: FilterContext, filter: Json, path: string): Matcher {
  const name = asText(filter["property"], `${path}.property`);
  const types = Object.keys(filter).filter((key) => key !== "property" && key !== "type");
  const type = types.find((key) => key in COMPILERS);
  if (type === undefined) refuse(path, "have a filter of a known property type", filter);
  onlyKeys(filter, path, ["property", "type", type]);
  const { operator, value } = oneOperator(filter[type], `${path}.${type}`);
  const property = findProperty(context.source, name);
  if (!property) throw validationError(`Could not find property with name or id: ${name}`);
  if (property.type !== type) {
    throw validationError(
      `The property type in the database does not match the property type of the filter provided: database property ${property.type} does not match filter ${type}`,
    );
  }
  const compile = COMPILERS[property.type];
  return compile({ property, operator, value, path: `${path}.${type}.${operator}`, now: context.now });
}

function oneOperator(raw: unknown, path: string): { operator: string; value: unknown } {
  const condition = asObject(raw, path);
  const [first, second] = Object.entries(condition);
  if (!first) refuse(path, "have a condition", raw);
  if (second) refuse(`${path}.${second[0]}`, "be not present", second[1]);
  const [operator, value] = first;
  if ((operator === "is_empty" || operator === "is_not_empty") && value !== true) {
    refuse(`${path}.${operator}`, "be `true`", value);
  }
  return { operator, value };
}

interface Condition {
  property: Property;
  operator: string;
  value: unknown;
  path: string;
  now: number;
}

const COMPILERS: Record<PropertyType, (condition: Condition) => Matcher> = {
  title: textFilter,
  rich_text: textFilter,
  url: textFilter,
  email: textFilter,
  phone_number: textFilter,
  number: numberFilter,
  unique_id: numberFilter,
  checkbox: checkboxFilter,
  select: optionFilter,
  status: optionFilter,
  multi_select: multiSelectFilter,
  date: dateFilter,
  created_time: dateFilter,
  last_edited_time: dateFilter,
  relation: idsFilter,
  people: idsFilter,
  created_by: idsFilter,
  last_edited_by: idsFilter,
  files: filesFilter,
};

function unknownOperator(condition: Condition): never {
  return refuse(condition.path, "be not present", condition.value);
}

function existence(condition: Condition, isEmpty: Matcher): Matcher {
  if (condition.operator === "is_empty") return isEmpty;
  if (condition.operator === "is_not_empty") return (row) => !isEmpty(row);
  return unknownOperator(condition);
}

function textOf(property: Property, row: Row): string {
  const value = row.version.values[property.id];
  if (value?.kind === "text") return plainText(value.runs);
  return value?.kind === "string" ? value.value : "";
}

const TEXT_TESTS: Record<string, (text: string, wanted: string) => boolean> = {
  equals: (text, wanted) => text === wanted,
  does_not_equal: (text, wanted) => text !== wanted,
  contains: (text, wanted) => text.toLowerCase().includes(wanted.toLowerCase()),
  does_not_contain: (text, wanted) => !text.toLowerCase().includes(wanted.toLowerCase()),
  starts_with: (text, wanted) => text.toLowerCase().startsWith(wanted.toLowerCase()),
  ends_with: (text, wanted) => text.toLowerCase().endsWith(wanted.toLowerCase()),
};

function textFilter(condition: Condition): Matcher {
  const { property, operator } = condition;
  const test = TEXT_TESTS[operator];
  if (!test) return existence(condition, (row) => textOf(property, row) === "");
  const wanted = asText(condition.value, condition.path);
  return (row) => test(textOf(property, row), wanted);
}

const NUMBER_TESTS: Record<string, (value: number, wanted: number) => boolean> = {
  equals: (value, wanted) => value === wanted,
  greater_than: (value, wanted) => value > wanted,
  less_than: (value, wanted) => value < wanted,
  greater_than_or_equal_to: (value, wanted) => value >= wanted,
  less_than_or_equal_to: (value, wanted) => value <= wanted,
};

function numberFilter(condition: Condition): Matcher {
  const { property, operator } = condition;
  const read = (row: Row): number | null => {
    if (property.type === "unique_id") return row.page.serial;
    const value = row.version.values[property.id];
    return value?.kind === "number" ? value.value : null;
  };
  if (operator === "does_not_equal") {
    const unwanted = asNumber(condition.value, condition.path);
    return (row) => read(row) !== unwanted;
  }
  const test = NUMBER_TESTS[operator];
  if (!test) return existence(condition, (row) => read(row) === null);
  const wanted = asNumber(condition.value, condition.path);
  return (row) => {
    const value = read(row);
    return value !== null && test(value, wanted);
  };
}

function checkboxFilter(condition: Condition): Matcher {
  if (condition.operator !== "equals" && condition.operator !== "does_not_equal") {
    return unknownOperator(condition);
  }
  const wanted = asBoolean(condition.value, condition.path) === (condition.operator === "equals");
  return (row) => {
    const value = row.version.values[condition.property.id];
    return (value?.kind === "flag" && value.value) === wanted;
  };
}

/** Names as one string or as a list; every one must be an option. */
function optionIds(condition: Condition): string[] {
  const { property, value, path } = condition;
  const names = Array.isArray(value)
    ? asArray(value, path).map((v) => asText(v, path))
    : [asText(value, path)];
  return names.map((name) => {
    const option = property.options.find((candidate) => candidate.name === name);
    if (option) return option.id;
    const available = property.options.map((candidate) => `"${candidate.name}"`).join(", ");
    throw validationError(
      `${property.type} option "${name}" not found for property "${property.name}". Available options: ${available}.`,
    );
  });
}

function optionFilter(condition: Condition): Matcher {
  const { property, operator } = condition;
  const chosen = (row: Row) => chosenOption(property, row.version.values[property.id])?.id ?? null;
  if (operator !== "equals" && operator !== "does_not_equal") {
    return existence(condition, (row) => chosen(row) === null);
  }
  const ids = optionIds(condition);
  return (row) => {
    const id = chosen(row);
    return (id !== null && ids.includes(id)) === (operator === "equals");
  };
}

function multiSelectFilter(condition: Condition): Matcher {
  const { property, operator } = condition;
  const chosen = (row: Row) => {
    const value = row.version.values[property.id];
    return value?.kind === "options" ? value.ids : [];
  };
  if (operator !== "contains" && operator !== "does_not_contain") {
    return existence(condition, (row) => chosen(row).length === 0);
  }
  const ids = optionIds(condition);
  return (row) => chosen(row).some((id) => ids.includes(id)) === (operator === "contains");
}

function dateFilter(condition: Condition): Matcher {
  const { property, operator } = condition;
  const read = (row: Row): string | null => {
    if (property.type === "created_time" || property.type === "last_edited_time") {
      return timeOf(property.type, row);
    }
    const value = row.version.values[property.id];
    return value?.kind === "date" ? value.start : null;
  };
  if (operator === "is_empty" || operator === "is_not_empty") {
    return existence(condition, (row) => read(row) === null);
  }
  const matches = matchDate(condition);
  return (row) => {
    const date = read(row);
    return date !== null && matches(date);
  };
}

function idsFilter(condition: Condition): Matcher {
  const { property, operator } = condition;
  const read = (row: Row): string[] => {
    if (property.type === "created_by") return [row.page.createdBy];
    if (property.type === "last_edited_by") return [row.version.editedBy];
    return idsOf(row.version.values[property.id]);
  };
  if (operator !== "contains" && operator !== "does_not_contain") {
    return existence(condition, (row) => read(row).length === 0);
  }
  const id = asId(condition.value, condition.path);
  return (row) => read(row).includes(id) === (operator === "contains");
}

function filesFilter(condition: Condition): Matcher {
  return existence(condition, (row) => {
    const value = row.version.values[condition.property.id];
    return value?.kind !== "files" || value.files.length === 0;
  });
}
