/** What a data source lacks of our property table, and how to ask Notion for it. Pure. */
import { DATABASES } from "./databases/all.ts";
import type { DatabaseName, Need, PropertySpec, PropertyTable } from "./databases/property-table.ts";
import { type Json, listAt, recordAt, stringAt } from "./lenient-json.ts";

/** Data source ids of the databases that can be reached. */
export type DataSourceIds = Partial<Record<DatabaseName, string>>;

export interface Gap {
  property: string;
  need: Need;
  /** Only what is missing can be added without touching anybody's values. */
  kind: "missing" | "wrong-type" | "wrong-target" | "wrong-options";
  /** One sentence: what is there, and what to do by hand. */
  detail: string;
}

export function tableOf(name: DatabaseName): PropertyTable {
  return DATABASES[name].properties;
}

/** Compares `source` (a data source as Notion answers it) with the table of `name`. */
export function gapsOf(name: DatabaseName, source: unknown, ids: DataSourceIds): Gap[] {
  const existing = recordAt(source, "properties");
  return Object.entries(tableOf(name)).flatMap(([property, spec]) => {
    if (spec.types.includes("title")) return [];
    const found = recordAt(existing, property);
    const finding = stringAt(found, "type") === null ? missing(property) : misfit(found, spec, ids);
    return finding === null ? [] : [{ property, need: spec.need, ...finding }];
  });
}

type Finding = Pick<Gap, "kind" | "detail">;

function missing(property: string): Finding {
  return { kind: "missing", detail: `the property "${property}" is missing` };
}

function misfit(found: Json, spec: PropertySpec, ids: DataSourceIds): Finding | null {
  const name = stringAt(found, "name") ?? "";
  const type = stringAt(found, "type") ?? "";
  if (!spec.types.some((accepted) => accepted === type)) {
    const wanted = spec.types.map(words).join(" or ");
    return {
      kind: "wrong-type",
      detail: `the property "${name}" is of the type ${words(type)} and has to be ${wanted}: change its type in Notion, or rename it and run doctor --fix`,
    };
  }
  if (type === "relation") return misdirected(name, recordAt(found, "relation"), spec, ids);
  // A select grows by itself; a status refuses a word it does not have.
  if (type !== "status" || spec.options === null) return null;
  const has = listAt(recordAt(found, "status"), "options").map((option) => stringAt(option, "name"));
  if (spec.options.some((option) => has.includes(option))) return null;
  return {
    kind: "wrong-options",
    detail: `the status "${name}" has none of the options ${spec.options.join(", ")}: add one of them in Notion`,
  };
}

function misdirected(name: string, relation: Json, spec: PropertySpec, ids: DataSourceIds): Finding | null {
  const wanted = spec.target === null ? undefined : ids[spec.target];
  const actual = stringAt(relation, "data_source_id");
  if (spec.target === null || wanted === undefined || actual === null || actual === wanted) return null;
  return {
    kind: "wrong-target",
    detail: `the relation "${name}" points to another database than ${DATABASES[spec.target].title} (NOTION_DB_${spec.target}): point it there in Notion, or correct the variable`,
  };
}

function words(type: string): string {
  return type === "rich_text" ? "text" : type.replaceAll("_", " ");
}

/** Everything of a new database but its relations, whose targets may not exist yet. */
export function initialProperties(name: DatabaseName): Record<string, Json> {
  const own = Object.entries(tableOf(name)).filter(
    ([, spec]) => !spec.types.includes("relation") && !spec.isSpare,
  );
  return Object.fromEntries(own.map(([property, spec]) => [property, plainConfig(spec)]));
}

/** What is merely welcome is made with a new database, and not pressed on one that people have shaped. */
export function isWorthAdding(gap: Gap): boolean {
  return gap.kind === "missing" && gap.need !== "welcome";
}

export function plainConfig(spec: PropertySpec): Json {
  const [type = "rich_text"] = spec.types;
  if (type === "number") return { number: { format: "number" } };
  // Without options Notion makes its own three: Not started, In progress, Done.
  if (type !== "select" || spec.options === null) return { [type]: {} };
  const names = spec.options.filter((option) => !spec.older.includes(option));
  return { select: { options: names.map((option) => ({ name: option })) } };
}

/** Two-way only while the other side is free; what is there already is never replaced. */
export function relationConfig(dataSourceId: string, mirror: { name: string; isFree: boolean } | null): Json {
  if (mirror === null || !mirror.isFree) {
    return { relation: { data_source_id: dataSourceId, type: "single_property", single_property: {} } };
  }
  return {
    relation: {
      data_source_id: dataSourceId,
      type: "dual_property",
      dual_property: { synced_property_name: mirror.name },
    },
  };
}

/** The property on the other side that makes `property` appear, if one does. */
export function ownerOf(
  name: DatabaseName,
  property: string,
): { database: DatabaseName; property: string } | null {
  const target = tableOf(name)[property]?.target ?? null;
  if (target === null) return null;
  const owner = Object.entries(tableOf(target)).find(
    ([, spec]) => spec.target === name && spec.mirror === property,
  );
  return owner ? { database: target, property: owner[0] } : null;
}
