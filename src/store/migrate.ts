/**
 * Brings the tables up to this version. A newer version may have been here before, because rolling back starts an
 * older one on the same database: what only added is no obstacle; what took something away is.
 */
import { type Kysely, type Migration, Migrator, sql } from "kysely";
import { AppError } from "../errors.ts";
import { SCHEMA } from "./migrations.ts";

const LEDGER = "kysely_migration";
const BREAKING = /_breaking$/;

export async function migrate<T>(db: Kysely<T>, known: Record<string, Migration>): Promise<void> {
  const newer = (await executedNames(db)).filter((name) => !(name in known));
  const breaking = newer.find((name) => BREAKING.test(name));
  if (breaking !== undefined) {
    throw new AppError(
      `A newer version changed the database in a way that this version cannot work with (${breaking}). ` +
        "Start that version again, or restore the backup that was taken before it.",
      { code: "config_invalid", retryable: false },
    );
  }
  const migrator = new Migrator({
    db,
    // The migrator refuses what it does not know, so it is told of the newer ones.
    provider: { getMigrations: async () => ({ ...namesOnly(newer), ...known }) },
    migrationTableName: LEDGER,
    migrationTableSchema: SCHEMA,
    // After a rollback a fix may bring a migration that sorts before a newer one.
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function executedNames<T>(db: Kysely<T>): Promise<string[]> {
  const table = `${SCHEMA}.${LEDGER}`;
  const found = await sql<{ exists: boolean }>`select to_regclass(${table}) is not null as exists`.execute(
    db,
  );
  if (!found.rows[0]?.exists) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)}`.execute(db);
  return rows.map((row) => row.name);
}

/** Executed already, by another version: never run here. */
function namesOnly(names: string[]): Record<string, Migration> {
  return Object.fromEntries(names.map((name) => [name, { up: async () => undefined }]));
}
