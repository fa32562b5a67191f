/** What a Notion workspace starts with, in plain words; and how it becomes the world of the stand-in. */
import type { NotionUser } from "../stand-ins.ts";
import { setPlainValues } from "./plain-values.ts";
import { defaultStatusOptions, newOption } from "./schema.ts";
import {
  addPage,
  type Database,
  type DataSource,
  fixedId,
  type Property,
  type PropertyType,
  shortId,
  type World,
} from "./world.ts";

export interface SeedProperty {
  name: string;
  type: PropertyType;
  /** Of a select or multi_select, in order. */
  options?: string[];
  /** Title of the other database; `mirror` = the name of the property there, absent for one-way. */
  relation?: { to: string; mirror?: string };
}

export type SeedValue = string | number | boolean | string[] | null;

export interface SeedRow {
  id: string;
  /** Id of a user. */
  createdBy: string;
  /** By property name: text, number, option name, ids. */
  values: Record<string, SeedValue>;
}

export interface SeedDatabase {
  /** Both are UUIDs, and never the same. */
  id: string;
  dataSourceId: string;
  title: string;
  properties: SeedProperty[];
  rows: SeedRow[];
}

export interface NotionSeed {
  token: string;
  bot: { id: string; name: string };
  workspace: { id: string; name: string };
  /** The page that is shared with the bot and holds the databases. */
  parentPage: { id: string; title: string };
  users: NotionUser[];
  databases: SeedDatabase[];
}

export interface WorldOptions {
  now: () => number;
  queryResultLimit: number;
}

/** Rows of the seed are a day old, and a minute apart. */
const SEED_AGE_MS = 24 * 3_600_000;
const SEED_STEP_MS = 60_000;

export function createWorld(seed: NotionSeed, options: WorldOptions): World {
  let seedAt = options.now() - SEED_AGE_MS;
  const world: World = {
    now: () => seedAt,
    queryResultLimit: options.queryResultLimit,
    bot: seed.bot,
    workspace: seed.workspace,
    users: new Map(seed.users.map((user) => [user.id, user])),
    databases: new Map(),
    dataSources: new Map(),
    pages: new Map(),
    rows: new Map(),
    blocks: new Map(),
    revision: 0,
    queryLagMs: 0,
  };
  const owner = seed.users[0]?.id ?? seed.bot.id;
  const parent = addPage(world, { id: seed.parentPage.id, parent: { kind: "workspace" }, values: {} }, owner);
  setPlainValues(world, parent, { values: { title: seed.parentPage.title }, actor: owner });
  for (const database of seed.databases) addDatabase(world, database, { parentPageId: parent.id, owner });
  for (const database of seed.databases) connectRelations(world, seed, database);
  for (const database of seed.databases) {
    for (const row of database.rows) {
      addPage(
        world,
        { id: row.id, parent: { kind: "data_source", id: database.dataSourceId }, values: {} },
        row.createdBy,
      );
      seedAt += SEED_STEP_MS;
    }
  }
  // Second, because a relation may name any row.
  for (const row of seed.databases.flatMap((database) => database.rows)) {
    const page = world.pages.get(row.id);
    if (page) setPlainValues(world, page, { values: row.values, actor: row.createdBy });
  }
  for (const page of world.pages.values()) {
    const last = page.versions.at(-1);
    if (last) page.versions = [{ ...last, at: page.createdAt, editedBy: page.createdBy }];
  }
  world.now = options.now;
  return world;
}

function addDatabase(
  world: World,
  seed: SeedDatabase,
  { parentPageId, owner }: { parentPageId: string; owner: string },
): void {
  const at = world.now();
  const stamps = { createdAt: at, editedAt: at, editedBy: owner };
  const database: Database = {
    ...stamps,
    id: seed.id,
    title: seed.title,
    description: "",
    parentPageId,
    isInline: false,
    inTrash: false,
    isLocked: false,
    icon: null,
    cover: null,
    createdBy: owner,
    dataSourceIds: [seed.dataSourceId],
  };
  const source: DataSource = {
    ...stamps,
    id: seed.dataSourceId,
    databaseId: seed.id,
    title: seed.title,
    properties: [],
    lastSerial: 0,
  };
  for (const property of seed.properties) source.properties.push(seedProperty(source, property));
  world.databases.set(database.id, database);
  world.dataSources.set(source.id, source);
}

function seedProperty(source: DataSource, seed: SeedProperty): Property {
  const taken = new Set(source.properties.map((property) => property.id));
  const property: Property = {
    id: seed.type === "title" ? "title" : shortId(`${source.id}/${seed.name}`, taken),
    name: seed.name,
    type: seed.type,
    options: seed.type === "status" ? defaultStatusOptions() : [],
    relation: null,
    numberFormat: "number",
    prefix: null,
  };
  for (const name of seed.options ?? []) {
    const option = newOption(property, name);
    property.options.push({ ...option, id: fixedId(`${source.id}/${seed.name}/${name}`) });
  }
  return property;
}

function connectRelations(world: World, seed: NotionSeed, database: SeedDatabase): void {
  const source = world.dataSources.get(database.dataSourceId);
  for (const { name, relation } of database.properties) {
    const property = source?.properties.find((candidate) => candidate.name === name);
    if (!property || !relation) continue;
    const target = seed.databases.find((candidate) => candidate.title === relation.to);
    const targetSource = target && world.dataSources.get(target.dataSourceId);
    if (!targetSource) throw new Error(`${database.title}.${name}: there is no database "${relation.to}"`);
    const mirror = targetSource.properties.find((candidate) => candidate.name === relation.mirror);
    if (relation.mirror && !mirror) {
      throw new Error(`${database.title}.${name}: ${relation.to} has no property "${relation.mirror}"`);
    }
    property.relation = { dataSourceId: targetSource.id, mirrorId: mirror?.id ?? null };
  }
}
