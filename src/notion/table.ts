/**
 * One database of ours, bound to the workspace's schema on first use: rows in and out by our property names.
 * Properties the workspace does not have are read as empty and left out of writes.
 */
import type { Check } from "../domain/health.ts";
import { isAppError } from "../errors.ts";
import { createBinding } from "./binding.ts";
import { keepOverflow } from "./blocks.ts";
import { type CreateDeps, type CreatedPage, createPage } from "./creates.ts";
import type { PropertyTable, Row, RowWrite } from "./databases/property-table.ts";
import type { Gateway } from "./gateway.ts";
import type { Json } from "./lenient-json.ts";
import { highestNumber, queryAll } from "./query.ts";
import { decodePage, encodeRow, type Page } from "./rows.ts";
import type { BoundDatabase, DatabaseConfig } from "./schema.ts";

export interface Table<T extends PropertyTable> {
  bound(): Promise<BoundDatabase>;
  has(property: keyof T & string): Promise<boolean>;
  /**
   * All matching rows, oldest first. `where` gets the database and answers Notion's filter. With `onHidden`, those that
   * Notion does not show (of more than 10,000 made in one minute) are left out, and it is called; without, they are an error.
   */
  query<K extends keyof T & string>(query: {
    where?: (db: BoundDatabase) => Json;
    read: readonly K[];
    onHidden?: () => void;
  }): Promise<Page<Pick<Row<T>, K>>[]>;
  get<K extends keyof T & string>(id: string, read: readonly K[]): Promise<Page<Pick<Row<T>, K>>>;
  /** One request, whose answer is the page as it stands then; null when there was nothing to write. */
  update<K extends keyof T & string>(
    id: string,
    values: RowWrite<T>,
    read?: readonly K[],
  ): Promise<Page<Pick<Row<T>, K>> | null>;
  create(
    options: { key: string; suspect?: boolean },
    draft: () => RowWrite<T> | Promise<RowWrite<T>>,
    children?: readonly Json[],
  ): Promise<CreatedPage>;
  /** Highest value in use of a number property; 0 when there is none. */
  highest(property: keyof T & string): Promise<number>;
  /** Asks Notion now whether the database is there and as expected. Never throws. */
  check(): Promise<Check>;
}

export function createTable<T extends PropertyTable>(
  deps: CreateDeps & { probeGateway?: Gateway },
  config: DatabaseConfig & { table: T },
): Table<T> {
  const { gateway } = deps;
  const { bound, using, check } = createBinding(deps, config);
  const decode = <K extends keyof T & string>(db: BoundDatabase, page: unknown, read: readonly K[]) =>
    decodePage(gateway, { db, table: config.table }, page, read);
  const getPage = (id: string) =>
    gateway.read({ route: "GET /v1/pages/:id", method: "get", path: `pages/${id}` });
  const setPage = (id: string, properties: Json) =>
    gateway.set({ route: "PATCH /v1/pages/:id", method: "patch", path: `pages/${id}`, body: { properties } });

  return {
    bound,
    check,
    async has(property) {
      return (await bound()).properties.has(property);
    },
    query: ({ where, read, onHidden }) =>
      using(async (db) => {
        const propertyIds = read.flatMap((name) => db.properties.get(name)?.id ?? []);
        const filter = where ? where(db) : null;
        const { dataSourceId } = db;
        const pages = await queryAll(gateway, { dataSourceId, filter, propertyIds, onHidden });
        const rows = await Promise.all(pages.map((page) => decode(db, page, read).catch(goneMeanwhile)));
        return rows.filter((row) => row !== null);
      }),
    get: (id, read) => using(async (db) => decode(db, await getPage(id), read)),
    update: (id, values, read = []) =>
      using(async (db) => {
        const { properties, overflow } = encodeRow(db, values);
        if (Object.keys(properties).length === 0) return null;
        const answer = await setPage(id, properties);
        if (overflow.length > 0) await keepOverflow(deps, id, overflow);
        return decode(db, answer ?? (read.length > 0 ? await getPage(id) : { id }), read);
      }),
    create: (options, values, children = []) =>
      using((db) => {
        const draft = async () => {
          const row = { ...(await values()), Key: options.key };
          return { ...encodeRow(db, row), children: [...children] };
        };
        return createPage(deps, { db, key: options.key, suspect: options.suspect ?? false, draft });
      }),
    highest: (name) =>
      using(async (db) => {
        const property = db.properties.get(name);
        if (!property) return 0;
        return highestNumber(gateway, { dataSourceId: db.dataSourceId, propertyId: property.id });
      }),
  };
}

/** A page that went while the rest of its values was read is not there; the other rows are. */
function goneMeanwhile(error: unknown): null {
  if (isAppError(error) && error.code === "notion_not_found") return null;
  throw error;
}
