/** A PostgreSQL for the benchmark: the one behind TEST_DATABASE_URL, or a server of its own from what is installed. */
import { createPostgresServer } from "../fixtures/postgres-server.ts";
import { createDatabaseOn, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";

export interface Postgres {
  /** For the report. */
  words: string;
  /** An empty database; dropped with the rest. */
  database(): Promise<string>;
  close(): Promise<void>;
}

/** A sentence when there is none. */
export async function openPostgres(): Promise<Postgres | string> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given) return { ...databasesOn(given), words: "PostgreSQL behind TEST_DATABASE_URL" };
  const server = await createPostgresServer(["shared_preload_libraries=pg_stat_statements"]);
  if (server === null) return "no PostgreSQL: set TEST_DATABASE_URL, or install the package postgresql";
  const { database, close } = databasesOn(server.url);
  return {
    words: `${server.version}, a cluster of its own with the defaults`,
    database,
    async close() {
      await close();
      await server.remove();
    },
  };
}

function databasesOn(server: string): Pick<Postgres, "database" | "close"> {
  const databases: ThrowawayDatabase[] = [];
  return {
    async database() {
      const database = await createDatabaseOn(server);
      databases.push(database);
      return database.directUrl;
    },
    async close() {
      for (const database of databases) await database.drop();
    },
  };
}
