/** Saves checked schema changes, and what they do to the values of existing pages. */
import type { SchemaChange } from "./schema.ts";
import {
  currentVersion,
  type DataSource,
  type Property,
  pagesOf,
  shortId,
  type World,
  writePage,
} from "./world.ts";

export function applySchema(world: World, source: DataSource, changes: SchemaChange[], actor: string): void {
  for (const change of changes) applyChange(world, source, change, actor);
  source.editedAt = world.now();
  source.editedBy = actor;
  world.revision += 1;
}

function applyChange(world: World, source: DataSource, change: SchemaChange, actor: string): void {
  switch (change.kind) {
    case "rename":
      change.property.name = change.name;
      return;
    case "format":
      change.property.numberFormat = change.numberFormat;
      return;
    case "options": {
      const kept = new Set(change.options.map((option) => option.id));
      change.property.options = change.options;
      dropOptionValues(world, source, { property: change.property, kept, actor });
      return;
    }
    case "remove":
      removeProperty(world, source, change.property, actor);
      return;
    case "put":
      if (change.replaces) removeProperty(world, source, change.replaces, actor);
      source.properties.push(change.property);
      if (change.mirrorName !== null) addMirror(world, source, change.property, change.mirrorName);
  }
}

function dropOptionValues(
  world: World,
  source: DataSource,
  { property, kept, actor }: { property: Property; kept: ReadonlySet<string>; actor: string },
): void {
  for (const page of pagesOf(world, source)) {
    const value = currentVersion(page).values[property.id];
    if (value?.kind === "option" && !kept.has(value.id)) {
      writePage(world, page, { values: { [property.id]: null } }, actor);
    }
    if (value?.kind === "options" && value.ids.some((id) => !kept.has(id))) {
      const ids = value.ids.filter((id) => kept.has(id));
      writePage(world, page, { values: { [property.id]: { kind: "options", ids } } }, actor);
    }
  }
}

/** The values go with it, and so does the other side of a two-way relation. */
function removeProperty(world: World, source: DataSource, property: Property, actor: string): void {
  for (const page of pagesOf(world, source)) {
    if (currentVersion(page).values[property.id]) {
      writePage(world, page, { values: { [property.id]: null } }, actor);
    }
  }
  source.properties = source.properties.filter((candidate) => candidate !== property);
  const target = world.dataSources.get(property.relation?.dataSourceId ?? "");
  const mirrorId = property.relation?.mirrorId;
  if (target && mirrorId) target.properties = target.properties.filter((other) => other.id !== mirrorId);
}

export function addMirror(world: World, source: DataSource, property: Property, name: string): void {
  const target = world.dataSources.get(property.relation?.dataSourceId ?? "");
  if (!target || !property.relation) return;
  const names = new Set(target.properties.map((other) => other.name));
  const free = names.has(name) ? `Related to ${source.title} (${property.name})` : name;
  const mirror: Property = {
    id: shortId(`${target.id}/${free}`, new Set(target.properties.map((other) => other.id))),
    name: free,
    type: "relation",
    options: [],
    relation: { dataSourceId: source.id, mirrorId: property.id },
    numberFormat: "number",
    prefix: null,
  };
  property.relation.mirrorId = mirror.id;
  target.properties.push(mirror);
}
