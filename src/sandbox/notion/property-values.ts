/**
 * Values against a schema: which property a key names, whether the type and the options fit, and how a stored
 * value looks in an answer. Nothing is saved before everything was checked (`resolveValues` only plans).
 */
import { notFound, validationError } from "./api-error.ts";
import type { OptionRef, Requested } from "./property-requests.ts";
import { renderRichText } from "./rich-text.ts";
import { addOption, newOption, renderOption } from "./schema.ts";
import type { Json } from "./shape.ts";
import { minuteTime, renderUser } from "./stamps.ts";
import {
  type DataSource,
  findProperty,
  idsOf,
  type Option,
  type Page,
  type PageVersion,
  type Property,
  type Stored,
  type World,
} from "./world.ts";

export interface PlannedValues {
  /** By property id; null empties. */
  values: Record<string, Stored | null>;
  newOptions: { property: Property; option: Option }[];
}

/** Checks names, then types, then options and targets, in this order. Changes nothing. */
export function resolveValues(
  world: World,
  source: DataSource,
  requested: Map<string, Requested>,
): PlannedValues {
  const named = [...requested].map(([key, wanted]) => ({ key, wanted, property: findProperty(source, key) }));
  const unknown = named.filter(({ property }) => !property);
  if (unknown.length > 0) {
    throw validationError(unknown.map(({ key }) => `${key} is not a property that exists.`).join(" "));
  }
  const misfits = named.filter(({ property, wanted }) => property && property.type !== wanted.type);
  if (misfits.length > 0) {
    const texts = misfits.map(({ property }) => `${property?.name} is expected to be ${property?.type}.`);
    throw validationError(texts.join(" "));
  }
  const plan: PlannedValues = { values: {}, newOptions: [] };
  for (const { property, wanted } of named) {
    if (property) plan.values[property.id] = resolveValue(world, property, { wanted, plan });
  }
  return plan;
}

export function commitOptions(plan: PlannedValues): void {
  for (const { property, option } of plan.newOptions) addOption(property, option);
}

function resolveValue(
  world: World,
  property: Property,
  { wanted, plan }: { wanted: Requested; plan: PlannedValues },
): Stored | null {
  if ("choices" in wanted) return resolveChoices(property, wanted.choices, plan);
  if (property.type === "people") {
    for (const id of idsOf(wanted.value)) requireUser(world, id);
  }
  if (property.type === "relation") {
    for (const id of idsOf(wanted.value)) requireTarget(world, property, id);
  }
  return wanted.value;
}

function requireUser(world: World, id: string): void {
  if (!world.users.has(id) && id !== world.bot.id) throw validationError(`User does not exist: ${id}.`);
}

function requireTarget(world: World, property: Property, id: string): void {
  const target = world.pages.get(id);
  if (!target) throw notFound("page", id, world.bot);
  if (target.parent.kind !== "data_source" || target.parent.id !== property.relation?.dataSourceId) {
    throw validationError(
      `Page with ID ${id} is not in the data source that ${property.name} is related to.`,
    );
  }
}

function resolveChoices(property: Property, choices: OptionRef[], plan: PlannedValues): Stored | null {
  const options = choices.map((choice) => resolveChoice(property, choice, plan));
  if (property.type === "multi_select") {
    return options.length === 0 ? null : { kind: "options", ids: options.map((option) => option.id) };
  }
  const option = options[0];
  return option ? { kind: "option", id: option.id } : null;
}

function resolveChoice(property: Property, choice: OptionRef, plan: PlannedValues): Option {
  if (choice.id !== null) {
    const byId = property.options.find((option) => option.id === choice.id);
    if (byId) return byId;
    if (choice.name === null) {
      throw validationError(
        `${encodeURIComponent(property.id)} is an invalid ${property.type} option "${choice.id}".`,
      );
    }
  }
  const name = choice.name ?? "";
  if (property.type === "status") return statusOption(property, name);
  if (name.includes(",")) {
    throw validationError(`Invalid ${property.type} option, commas not allowed: ${name}`);
  }
  const planned = plan.newOptions.filter((entry) => entry.property === property).map((entry) => entry.option);
  const known = [...property.options, ...planned].find(
    (option) => option.name.toLowerCase() === name.toLowerCase(),
  );
  if (known) return known;
  const option = newOption(property, name, planned.length);
  plan.newOptions.push({ property, option });
  return option;
}

function statusOption(property: Property, name: string): Option {
  const option = property.options.find((candidate) => candidate.name === name);
  // The stray quotation mark is Notion's.
  if (!option) throw validationError(`Invalid status option. Status option "${name}" does not exist".`);
  return option;
}

/** Relations, people and mentions of a page answer. The rest is behind the property endpoint. */
export const READ_CAP = 25;

export interface RowView {
  world: World;
  page: Page;
  version: PageVersion;
  /** Max. entries of a relation; Infinity to see all. */
  cap: number;
}

export function renderValue(property: Property, row: RowView): Json & { id: string; type: string } {
  return {
    id: encodeURIComponent(property.id),
    type: property.type,
    ...renderTyped(property, row),
  };
}

function renderTyped(property: Property, row: RowView): Json {
  const { world, page, version, cap } = row;
  const value = version.values[property.id];
  switch (property.type) {
    case "title":
    case "rich_text":
      return { [property.type]: value?.kind === "text" ? renderRichText(value.runs) : [] };
    case "relation": {
      const ids = idsOf(value);
      return { relation: ids.slice(0, cap).map((id) => ({ id })), has_more: ids.length > cap };
    }
    case "people":
      return {
        people: idsOf(value)
          .slice(0, cap)
          .map((id) => renderUser(world, id)),
      };
    case "select":
    case "status":
      return { [property.type]: optionOf(property, value) };
    case "multi_select":
      return {
        multi_select: value?.kind === "options" ? value.ids.map((id) => namedOption(property, id)) : [],
      };
    case "unique_id":
      return { unique_id: { prefix: property.prefix, number: page.serial } };
    case "created_time":
      return { created_time: minuteTime(page.createdAt) };
    case "created_by":
      return { created_by: renderUser(world, page.createdBy) };
    case "last_edited_time":
      return { last_edited_time: minuteTime(version.at) };
    case "last_edited_by":
      return { last_edited_by: renderUser(world, version.editedBy) };
    default:
      return { [property.type]: renderPlain(property, value) };
  }
}

function renderPlain(property: Property, value: Stored | undefined): unknown {
  switch (value?.kind) {
    case "number":
    case "string":
    case "flag":
      return value.value;
    case "date":
      return { start: value.start, end: value.end, time_zone: value.timeZone };
    case "files":
      return value.files;
    default:
      return property.type === "checkbox" ? false : property.type === "files" ? [] : null;
  }
}

/** The chosen option of a select or status; a status is never empty. */
export function chosenOption(property: Property, value: Stored | undefined): Option | null {
  const id = value?.kind === "option" ? value.id : null;
  const option = property.options.find((candidate) => candidate.id === id) ?? null;
  return option ?? (property.type === "status" ? (property.options[0] ?? null) : null);
}

function optionOf(property: Property, value: Stored | undefined): Json | null {
  const option = chosenOption(property, value);
  return option ? shortOption(option) : null;
}

function namedOption(property: Property, id: string): Json | undefined {
  const option = property.options.find((candidate) => candidate.id === id);
  return option && shortOption(option);
}

function shortOption(option: Option): Json {
  const { id, name, color } = renderOption(option);
  return { id, name, color };
}
