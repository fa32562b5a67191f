/**
 * The schema of a data source: property configurations in requests and answers, options, and the pairs of
 * two-way relations. Changes arrive through `planSchema` (checks) and `applySchema` (saves).
 */
import { notFound, validationError } from "./api-error.ts";
import { asArray, asId, asObject, asText, isJson, type Json, onlyKeys, refuse } from "./shape.ts";
import {
  type DataSource,
  findProperty,
  newId,
  type Option,
  PROPERTY_TYPES,
  type Property,
  type PropertyType,
  shortId,
  type World,
} from "./world.ts";

const COLORS = ["gray", "blue", "green", "yellow", "orange", "purple", "pink", "red", "brown", "default"];

export function newOption(property: Property, name: string, offset = 0): Option {
  const color = COLORS[(property.options.length + offset) % COLORS.length] ?? "default";
  return { id: newId(), name, color, description: null };
}

export function addOption(property: Property, option: Option): void {
  property.options.push(option);
}

export function renderOption(option: Option): {
  id: string;
  name: string;
  color: string;
  description: unknown;
} {
  return { id: option.id, name: option.name, color: option.color, description: option.description };
}

const STATUS_GROUPS = ["To-do", "In progress", "Complete"] as const;
const GROUP_COLORS: Record<string, string> = { "To-do": "gray", "In progress": "blue", Complete: "green" };
const DEFAULT_STATUS = [
  { name: "Not started", group: "To-do", color: "default" },
  { name: "In progress", group: "In progress", color: "blue" },
  { name: "Done", group: "Complete", color: "green" },
];

export function defaultStatusOptions(): Option[] {
  return DEFAULT_STATUS.map((option) => ({ id: newId(), description: null, ...option }));
}

export function renderProperty(world: World, property: Property): Json & { id: string; type: string } {
  return {
    id: encodeURIComponent(property.id),
    name: property.name,
    description: null,
    type: property.type,
    [property.type]: renderConfig(world, property),
  };
}

function renderConfig(world: World, property: Property): Json {
  switch (property.type) {
    case "number":
      return { format: property.numberFormat };
    case "select":
    case "multi_select":
      return { options: property.options.map(renderOption) };
    case "status":
      return {
        options: property.options.map(renderOption),
        groups: STATUS_GROUPS.map((name) => ({
          id: `group-${name.toLowerCase().replaceAll(" ", "-")}`,
          name,
          color: GROUP_COLORS[name],
          option_ids: property.options.filter((o) => (o.group ?? "To-do") === name).map((o) => o.id),
        })),
      };
    case "relation":
      return renderRelation(world, property);
    case "unique_id":
      return { prefix: property.prefix };
    default:
      return {};
  }
}

function renderRelation(world: World, property: Property): Json {
  const target = world.dataSources.get(property.relation?.dataSourceId ?? "");
  const mirror = target?.properties.find((candidate) => candidate.id === property.relation?.mirrorId);
  return {
    database_id: target?.databaseId,
    data_source_id: target?.id,
    ...(mirror
      ? {
          type: "dual_property",
          dual_property: {
            synced_property_id: encodeURIComponent(mirror.id),
            synced_property_name: mirror.name,
          },
        }
      : { type: "single_property", single_property: {} }),
  };
}

/** One checked change of a schema. */
export type SchemaChange =
  | { kind: "remove"; property: Property }
  | { kind: "rename"; property: Property; name: string }
  | { kind: "options"; property: Property; options: Option[] }
  | { kind: "format"; property: Property; numberFormat: string }
  | { kind: "put"; replaces: Property | null; property: Property; mirrorName: string | null };

/** Checks `properties` of a data source request against its schema. Changes nothing. */
export function planSchema(world: World, source: DataSource, value: unknown): SchemaChange[] {
  const path = "body.properties";
  const changes: SchemaChange[] = [];
  for (const [key, raw] of Object.entries(asObject(value, path))) {
    changes.push(...planProperty({ world, source, key, raw, path: `${path}.${key}` }));
  }
  const titles = changes.filter((change) => change.kind === "put" && change.property.type === "title");
  if (titles.length > 1) throw validationError("A data source has exactly one title property.");
  return changes;
}

interface PropertyRequest {
  world: World;
  source: DataSource;
  key: string;
  raw: unknown;
  path: string;
}

function planProperty(request: PropertyRequest): SchemaChange[] {
  const { source, key, raw, path } = request;
  const existing = findProperty(source, key);
  if (raw === null) {
    if (!existing) throw validationError(`${key} is not a property that exists.`);
    if (existing.type === "title") throw validationError("Cannot delete the title property.");
    return [{ kind: "remove", property: existing }];
  }
  const config = asObject(raw, path);
  onlyKeys(config, path, [...PROPERTY_TYPES, "name", "type", "description", "id"]);
  const type = PROPERTY_TYPES.find((name) => config[name] !== undefined);
  const name = config["name"] === undefined ? null : asText(config["name"], `${path}.name`, { min: 1 });
  if (existing) return planExisting({ ...request, existing, type, name, config });
  if (!type) refuse(path, "have a known property type", raw);
  if (type === "title" && source.properties.some((property) => property.type === "title")) {
    throw validationError("Cannot create new title property. A data source has exactly one.");
  }
  const made = parseConfig({ ...request, type, name: name ?? key, config });
  return [{ kind: "put", replaces: null, ...made }];
}

function planExisting(
  request: PropertyRequest & {
    existing: Property;
    type: PropertyType | undefined;
    name: string | null;
    config: Json;
  },
): SchemaChange[] {
  const { existing, type, name, source } = request;
  const changes: SchemaChange[] = [];
  if (name !== null && name !== existing.name) {
    if (source.properties.some((property) => property.name === name)) {
      throw validationError(`A property named ${name} already exists.`);
    }
    changes.push({ kind: "rename", property: existing, name });
  }
  if (!type) return changes;
  const made = parseConfig({ ...request, type, name: name ?? existing.name, config: request.config });
  if (type === existing.type) {
    const given = isJson(request.config[type]) ? request.config[type] : {};
    if (given["options"] !== undefined) {
      // A list of options replaces the old one; values of options that are left out are lost.
      changes.push({
        kind: "options",
        property: existing,
        options: keepIds(existing, made.property.options),
      });
    }
    if (type === "number" && given["format"] !== undefined) {
      changes.push({ kind: "format", property: existing, numberFormat: made.property.numberFormat });
    }
    if (type !== "relation") return changes;
  }
  if (existing.type === "title" || type === "title")
    throw validationError("Cannot change the title property.");
  made.property.id = existing.id;
  return [...changes, { kind: "put", replaces: existing, ...made }];
}

function keepIds(existing: Property, wanted: Option[]): Option[] {
  return wanted.map((option) => {
    const old = existing.options.find(
      (o) => o.id === option.id || o.name.toLowerCase() === option.name.toLowerCase(),
    );
    return old ?? option;
  });
}

function parseConfig(request: PropertyRequest & { type: PropertyType; name: string; config: Json }): {
  property: Property;
  mirrorName: string | null;
} {
  const { source, type, name, config } = request;
  const path = `${request.path}.${type}`;
  const given = asObject(config[type], path);
  const taken = new Set(source.properties.map((property) => property.id));
  const property: Property = {
    id: type === "title" ? "title" : shortId(`${source.id}/${name}`, taken),
    name,
    type,
    options: parseOptions(type, given, path),
    relation: null,
    numberFormat: typeof given["format"] === "string" ? given["format"] : "number",
    prefix: type === "unique_id" && typeof given["prefix"] === "string" ? given["prefix"] : null,
  };
  if (type !== "relation") return { property, mirrorName: null };
  return { property, mirrorName: parseRelation(request.world, property, { given, path, source }) };
}

function parseOptions(type: PropertyType, given: Json, path: string): Option[] {
  if (type === "status" && given["options"] === undefined) return defaultStatusOptions();
  if (type !== "select" && type !== "multi_select" && type !== "status") return [];
  if (given["options"] === undefined) return [];
  const names = new Set<string>();
  return asArray(given["options"], `${path}.options`).map((item, index) => {
    const at = `${path}.options[${index}]`;
    const raw = asObject(item, at);
    const name = asText(raw["name"] ?? raw["id"], `${at}.name`, { max: 100, min: 1 });
    if (name.includes(",")) throw validationError(`Invalid ${type} option, commas not allowed: ${name}`);
    if (names.has(name.toLowerCase())) throw validationError(`Duplicate ${type} option: ${name}`);
    names.add(name.toLowerCase());
    return {
      id: typeof raw["id"] === "string" ? raw["id"] : newId(),
      name,
      color: typeof raw["color"] === "string" ? raw["color"] : (COLORS[index % COLORS.length] ?? "default"),
      description: null,
      ...(type === "status" ? { group: typeof raw["group"] === "string" ? raw["group"] : "To-do" } : {}),
    };
  });
}

function parseRelation(
  world: World,
  property: Property,
  { given, path, source }: { given: Json; path: string; source: DataSource },
): string | null {
  const targetId = asId(given["data_source_id"], `${path}.data_source_id`);
  const target = world.dataSources.get(targetId);
  if (!target) throw notFound("data_source", targetId, world.bot);
  property.relation = { dataSourceId: targetId, mirrorId: null };
  const dual = given["dual_property"];
  if (dual === undefined) {
    if (given["single_property"] === undefined) {
      refuse(`${path}.single_property`, "be defined", undefined);
    }
    return null;
  }
  const wanted = asObject(dual, `${path}.dual_property`)["synced_property_name"];
  return typeof wanted === "string" ? wanted : `Related to ${source.title} (${property.name})`;
}
