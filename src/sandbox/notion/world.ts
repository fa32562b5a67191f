/**
 * What the Notion stand-in holds: users, databases, data sources, pages, blocks, and the one way to change a
 * page (`writePage`), which keeps two-way relations equal on both sides. Owns no JSON shape of requests or
 * answers. Pages keep their recent versions, so that a query can be made to see the past (`versionAt`).
 */
import { createHash, randomUUID } from "node:crypto";
import type { NotionUser } from "../stand-ins.ts";
import type { Json } from "./shape.ts";

export const PROPERTY_TYPES = [
  "title",
  "rich_text",
  "number",
  "select",
  "multi_select",
  "status",
  "date",
  "people",
  "files",
  "checkbox",
  "url",
  "email",
  "phone_number",
  "relation",
  "unique_id",
  "created_time",
  "created_by",
  "last_edited_time",
  "last_edited_by",
] as const;
export type PropertyType = (typeof PROPERTY_TYPES)[number];

export interface Option {
  id: string;
  name: string;
  color: string;
  description: string | null;
  /** Status only. */
  group?: string;
}

export interface Property {
  /** Decoded; answers carry it URL-encoded. */
  id: string;
  name: string;
  type: PropertyType;
  options: Option[];
  /** `mirrorId` = the property of the other side, null for a one-way relation. */
  relation: { dataSourceId: string; mirrorId: string | null } | null;
  numberFormat: string;
  prefix: string | null;
}

export interface DataSource {
  id: string;
  databaseId: string;
  title: string;
  properties: Property[];
  createdAt: number;
  editedAt: number;
  editedBy: string;
  lastSerial: number;
}

export interface Database {
  id: string;
  title: string;
  description: string;
  parentPageId: string;
  isInline: boolean;
  inTrash: boolean;
  isLocked: boolean;
  icon: Json | null;
  cover: Json | null;
  createdAt: number;
  editedAt: number;
  createdBy: string;
  editedBy: string;
  dataSourceIds: string[];
}

/** One run of rich text. `mention` and `equation` are kept as they were sent. */
export interface TextRun {
  text: string;
  link: string | null;
  annotations: Json;
  special: { type: "mention" | "equation"; content: Json } | null;
}

/** A property's value. An absent one is empty. */
export type Stored =
  | { kind: "text"; runs: TextRun[] }
  | { kind: "number"; value: number }
  | { kind: "option"; id: string }
  | { kind: "options"; ids: string[] }
  | { kind: "date"; start: string; end: string | null; timeZone: string | null }
  /** Pages of a relation, users of a people property. */
  | { kind: "ids"; ids: string[] }
  | { kind: "flag"; value: boolean }
  | { kind: "string"; value: string }
  | { kind: "files"; files: Json[] };

export type Values = Readonly<Record<string, Stored>>;

export interface PageVersion {
  at: number;
  editedBy: string;
  /** By property id. */
  values: Values;
  inTrash: boolean;
}

export type Parent =
  | { kind: "data_source"; id: string }
  | { kind: "page"; id: string }
  | { kind: "block"; id: string }
  | { kind: "workspace" };

export interface Page {
  id: string;
  parent: Parent;
  createdAt: number;
  createdBy: string;
  /** unique_id */
  serial: number;
  icon: Json | null;
  cover: Json | null;
  isLocked: boolean;
  childIds: string[];
  /** Oldest first, never empty. */
  versions: PageVersion[];
}

export interface Block {
  id: string;
  parent: Parent;
  type: string;
  content: Json;
  childIds: string[];
  createdAt: number;
  createdBy: string;
  editedAt: number;
  editedBy: string;
  inTrash: boolean;
}

export interface World {
  now: () => number;
  bot: { id: string; name: string };
  workspace: { id: string; name: string };
  users: Map<string, NotionUser>;
  databases: Map<string, Database>;
  dataSources: Map<string, DataSource>;
  pages: Map<string, Page>;
  /** By data source; in the order they were made. */
  rows: Map<string, Page[]>;
  blocks: Map<string, Block>;
  /** Grows with every change. */
  revision: number;
  queryLagMs: number;
  /** Rows one query can page through in all. */
  queryResultLimit: number;
}

export function newId(): string {
  return randomUUID();
}

/** The same name gives the same id, in the form of a version 4 UUID. */
export function fixedId(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const ID_ALPHABET = "abcdefghijkLMNOPQRSTUVWXYZ0123456789<>:;@[]^_`{|}~?=\\";

/** Four characters, some of which need URL encoding, like Notion's own. */
export function shortId(seed: string, taken: ReadonlySet<string>): string {
  for (let salt = 0; ; salt += 1) {
    const bytes = createHash("sha256").update(`${seed}/${salt}`).digest();
    const id = [...bytes.subarray(0, 4)].map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
    if (!taken.has(id)) return id;
  }
}

export function titleOf(world: World, page: Page): string {
  const title = currentVersion(page).values[titlePropertyId(world, page)];
  return title?.kind === "text" ? title.runs.map((run) => run.text).join("") : "";
}

function titlePropertyId(world: World, page: Page): string {
  const source = sourceOf(world, page);
  return source?.properties.find((property) => property.type === "title")?.id ?? "title";
}

export function sourceOf(world: World, page: Page): DataSource | null {
  return page.parent.kind === "data_source" ? (world.dataSources.get(page.parent.id) ?? null) : null;
}

export function pagesOf(world: World, source: DataSource): readonly Page[] {
  return world.rows.get(source.id) ?? [];
}

function addRow(world: World, source: DataSource, page: Page): void {
  const rows = world.rows.get(source.id);
  if (rows) rows.push(page);
  else world.rows.set(source.id, [page]);
}

export function currentVersion(page: Page): PageVersion {
  const last = page.versions.at(-1);
  if (!last) throw new Error(`page ${page.id} has no version`);
  return last;
}

/** The page as it was then; null when it did not exist yet. */
export function versionAt(page: Page, at: number): PageVersion | null {
  return page.versions.findLast((version) => version.at <= at) ?? null;
}

/** By name, or by id, encoded or decoded. */
export function findProperty(source: DataSource, key: string): Property | null {
  const byName = source.properties.find((property) => property.name === key);
  if (byName) return byName;
  return (
    source.properties.find((property) => property.id === key || encodeURIComponent(property.id) === key) ??
    null
  );
}

export interface PageChange {
  /** By property id; null empties. */
  values?: Record<string, Stored | null>;
  inTrash?: boolean;
}

/** Saves a new version of the page and of every page its two-way relations now name or no longer name. */
export function writePage(world: World, page: Page, change: PageChange, actor: string): void {
  const before = page.versions.at(-1)?.values ?? {};
  pushVersion(world, page, change, actor);
  const source = sourceOf(world, page);
  for (const [propertyId, value] of Object.entries(change.values ?? {})) {
    const relation = source?.properties.find((property) => property.id === propertyId)?.relation;
    if (!relation?.mirrorId) continue;
    const old = idsOf(before[propertyId]);
    const now = idsOf(value);
    const mirror = { page, propertyId: relation.mirrorId, actor };
    for (const id of now)
      if (!old.includes(id)) updateMirror(world, { ...mirror, otherId: id, present: true });
    for (const id of old)
      if (!now.includes(id)) updateMirror(world, { ...mirror, otherId: id, present: false });
  }
}

export function idsOf(value: Stored | null | undefined): string[] {
  return value?.kind === "ids" ? value.ids : [];
}

interface MirrorUpdate {
  page: Page;
  otherId: string;
  propertyId: string;
  present: boolean;
  actor: string;
}

function updateMirror(world: World, update: MirrorUpdate): void {
  const other = world.pages.get(update.otherId);
  if (!other) return;
  const rest = idsOf(currentVersion(other).values[update.propertyId]).filter((id) => id !== update.page.id);
  const ids = update.present ? [...rest, update.page.id] : rest;
  pushVersion(world, other, { values: { [update.propertyId]: { kind: "ids", ids } } }, update.actor);
}

/** Longer than any query lag one would set. */
const HISTORY_MS = 10 * 60_000;

function pushVersion(world: World, page: Page, change: PageChange, actor: string): void {
  const last = page.versions.at(-1);
  const values: Record<string, Stored> = { ...last?.values };
  for (const [propertyId, value] of Object.entries(change.values ?? {})) {
    if (value === null) delete values[propertyId];
    else values[propertyId] = value;
  }
  const at = world.now();
  page.versions.push({ at, editedBy: actor, values, inTrash: change.inTrash ?? last?.inTrash ?? false });
  while ((page.versions[1]?.at ?? at) < at - HISTORY_MS) page.versions.shift();
  world.revision += 1;
}

export interface NewPage {
  id?: string;
  parent: Parent;
  values: Record<string, Stored | null>;
  icon?: Json | null;
  cover?: Json | null;
}

export function addPage(world: World, page: NewPage, actor: string): Page {
  const source = page.parent.kind === "data_source" ? world.dataSources.get(page.parent.id) : undefined;
  if (source) source.lastSerial += 1;
  const added: Page = {
    id: page.id ?? newId(),
    parent: page.parent,
    createdAt: world.now(),
    createdBy: actor,
    serial: source?.lastSerial ?? 0,
    icon: page.icon ?? null,
    cover: page.cover ?? null,
    isLocked: false,
    childIds: [],
    versions: [],
  };
  world.pages.set(added.id, added);
  if (source) addRow(world, source, added);
  if (page.parent.kind === "page") world.pages.get(page.parent.id)?.childIds.push(added.id);
  writePage(world, added, { values: page.values }, actor);
  return added;
}
