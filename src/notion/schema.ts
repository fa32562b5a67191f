/**
 * From a configured id to a checked schema: which data source a database has, which id each of our properties
 * has there, and what is missing. Property ids survive a rename, so everything is keyed by them.
 */
import { AppError, isAppError } from "../errors.ts";
import type { DatabaseName, PropertySpec, PropertyTable, PropertyType } from "./databases/property-table.ts";
import type { Gateway } from "./gateway.ts";
import { isRecord, type Json, listAt, recordAt, stringAt } from "./lenient-json.ts";

const FIX = 'Run "npm run emm -- doctor --fix" to add it.';

export interface BoundProperty {
  name: string;
  /** As Notion gives it (URL-encoded). */
  id: string;
  type: PropertyType;
  schemaOptions: readonly string[];
  ownOptions: readonly string[] | null;
  /** Of a status: the options in its group "Complete". */
  completeOptions: readonly string[];
}

export interface BoundDatabase {
  name: DatabaseName;
  /** For people: "System Inbox". */
  title: string;
  databaseId: string;
  dataSourceId: string;
  properties: ReadonlyMap<string, BoundProperty>;
  /** Optional properties that the workspace does not have, one sentence each. */
  warnings: string[];
}

export interface DatabaseConfig {
  name: DatabaseName;
  title: string;
  /** From the environment: id of the database, or of its data source. */
  id: string;
  table: PropertyTable;
}

/** Two requests. Throws with a sentence for the operator when the database cannot be used. */
export async function resolveDatabase(
  gateway: Gateway,
  config: DatabaseConfig,
  tries?: number,
): Promise<BoundDatabase> {
  const { databaseId, dataSourceId } = await findDataSource(gateway, config, tries);
  return checkDataSource(gateway, { ...config, databaseId, dataSourceId }, tries);
}

/** Reads the schema of a data source that was found before, and checks it. One request. */
export async function checkDataSource(
  gateway: Gateway,
  config: DatabaseConfig & { databaseId: string; dataSourceId: string },
  tries?: number,
): Promise<BoundDatabase> {
  const source = await readDataSource(gateway, config.dataSourceId, tries).catch((error: unknown) => {
    throw notShared(config, error);
  });
  return bindSchema(config, source);
}

/** The one data source behind a configured id. One request, two when the id is the data source's own. */
export async function findDataSource(
  gateway: Gateway,
  config: DatabaseConfig,
  tries?: number,
): Promise<{ databaseId: string; dataSourceId: string }> {
  const database = await gateway
    .read({
      route: "GET /v1/databases/:id",
      method: "get",
      path: `databases/${config.id}`,
      ...(tries && { tries }),
    })
    .catch((error: unknown) => {
      if (isAppError(error) && error.code === "notion_not_found") return null;
      throw error;
    });
  if (database === null) return pastedDataSource(gateway, config, tries);
  const sources = listAt(database, "data_sources");
  const [only] = sources;
  const dataSourceId = stringAt(only, "id");
  if (sources.length === 1 && dataSourceId !== null) return { databaseId: config.id, dataSourceId };
  const names = sources.map((s) => `"${stringAt(s, "name") ?? "untitled"}" (${stringAt(s, "id")})`);
  throw invalid(
    config,
    sources.length === 0
      ? "the database has no data source the bot can see"
      : `the database has ${sources.length} data sources: ${names.join(", ")}. Set the variable to the id of the one to use`,
  );
}

/** "Copy data source ID" is next to "Copy link" in Notion's menu, so the id may be that one. */
async function pastedDataSource(gateway: Gateway, config: DatabaseConfig, tries?: number) {
  const source = await readDataSource(gateway, config.id, tries).catch((error: unknown) => {
    throw notShared(config, error);
  });
  return {
    databaseId: stringAt(recordAt(source, "parent"), "database_id") ?? config.id,
    dataSourceId: config.id,
  };
}

export function readDataSource(gateway: Gateway, id: string, tries?: number): Promise<unknown> {
  return gateway.read({
    route: "GET /v1/data_sources/:id",
    method: "get",
    path: `data_sources/${id}`,
    ...(tries && { tries }),
  });
}

function notShared(config: DatabaseConfig, error: unknown): unknown {
  if (!isAppError(error) || error.code !== "notion_not_found") return error;
  const message = `${labelOf(config)}: Notion finds nothing under this id. Check the id, and add the bot's connection to the database (••• → Connections).`;
  return new AppError(message, { code: "notion_not_found", retryable: false, cause: error });
}

/** Matches our table against a data source's properties. Pure. */
export function bindSchema(
  config: DatabaseConfig & { databaseId: string; dataSourceId: string },
  source: unknown,
): BoundDatabase {
  const existing = recordAt(source, "properties");
  const properties = new Map<string, BoundProperty>();
  const warnings: string[] = [];
  const problems: string[] = [];
  for (const [name, spec] of Object.entries(config.table)) {
    const found = bindProperty(name, spec, existing);
    if (typeof found !== "string") properties.set(name, found);
    else if (spec.need === "required") problems.push(found);
    else if (spec.need === "optional") warnings.push(`${config.title}: ${found}`);
  }
  if (problems.length > 0) throw invalid(config, problems.join("; "));
  const { name, title, databaseId, dataSourceId } = config;
  return { name, title, databaseId, dataSourceId, properties, warnings };
}

/** The property, or what is wrong with it. */
function bindProperty(name: string, spec: PropertySpec, existing: Json): BoundProperty | string {
  // A data source has exactly one title, whatever it is called.
  const property = spec.types.includes("title")
    ? Object.values(existing).find((p) => stringAt(p, "type") === "title")
    : existing[name];
  const wanted = spec.types.map((t) => TYPE_WORDS[t]).join(" or ");
  if (!isRecord(property)) return `property "${name}" (${wanted}) is missing. ${FIX}`;
  const type = spec.types.find((t) => t === stringAt(property, "type"));
  const id = stringAt(property, "id");
  if (type === undefined || id === null)
    return `property "${name}" is ${stringAt(property, "type")}, but has to be ${wanted}. Change its type in Notion, or rename it and run "npm run emm -- doctor --fix"`;
  const options = listAt(recordAt(property, type), "options");
  const schemaOptions = options.flatMap((o) => stringAt(o, "name") ?? []);
  const completeOptions = optionsInGroup(recordAt(property, type), "Complete");
  return { name, id, type, schemaOptions, ownOptions: spec.options, completeOptions };
}

/** Groups of a status cannot be renamed. */
function optionsInGroup(config: Json, group: string): string[] {
  const found = listAt(config, "groups").find((one) => stringAt(one, "name") === group);
  const ids = new Set(listAt(found, "option_ids"));
  return listAt(config, "options").flatMap((option) =>
    ids.has(stringAt(option, "id")) ? (stringAt(option, "name") ?? []) : [],
  );
}

const TYPE_WORDS: Record<PropertyType, string> = {
  title: "title",
  rich_text: "text",
  number: "number",
  select: "select",
  status: "status",
  checkbox: "checkbox",
  date: "date",
  created_time: "created time",
  url: "URL",
  relation: "relation",
  people: "person",
};

function invalid(config: DatabaseConfig, what: string): AppError {
  return new AppError(`${labelOf(config)}: ${what}`, { code: "notion_invalid", retryable: false });
}

function labelOf(config: DatabaseConfig): string {
  return `${config.title} (NOTION_DB_${config.name})`;
}
