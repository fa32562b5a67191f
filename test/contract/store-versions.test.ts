/** An older version of the bot starts on a database that a newer one has migrated: what every rollback does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DummyDriver, Kysely, type Migration, PostgresAdapter, PostgresQueryCompiler, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { createSettings } from "../../src/store/ledgers.ts";
import { migrate } from "../../src/store/migrate.ts";
import { migrations } from "../../src/store/migrations.ts";
import { openStore, type Store } from "../../src/store/store.ts";

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "emm-versions-"));
  store = await openStore({
    databaseUrl: null,
    dataDir,
    log: createLog({ level: "ERROR", json: true }),
  });
  await store.migrate();
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const adds = (table: string): Migration => ({
  up: async (db) => void (await sql.raw(`create table emm.${table} (id text primary key)`).execute(db)),
});
const executed = async () => {
  const { rows } = await sql<{ name: string }>`select name from emm.kysely_migration order by name`.execute(
    store.db,
  );
  return rows.map((row) => row.name);
};

describe("an older version on a newer database", () => {
  const newer = { ...migrations, "9001_newer": adds("newer"), "9002_newest": adds("newest") };

  it("starts, changes nothing and works", async () => {
    await migrate(store.db, newer);
    const before = await executed();
    await store.migrate();
    expect(await executed()).toEqual(before);
    const settings = createSettings(store.db);
    await settings.set("probe", { works: true });
    expect(await settings.get("probe")).toEqual({ works: true });
  });

  it("knows only the first of its own migrations and starts all the same", async () => {
    const [first] = Object.entries(migrations);
    await migrate(store.db, Object.fromEntries(first ? [first] : []));
    expect(await executed()).toContain("9002_newest");
  });

  it("lets the newer version go on afterwards, without running anything twice", async () => {
    await migrate(store.db, newer);
    expect((await executed()).filter((name) => name === "9001_newer")).toHaveLength(1);
  });

  it("runs a fix that sorts before what the newer version has added", async () => {
    await migrate(store.db, { ...migrations, "9000_fix": adds("fix") });
    expect(await executed()).toContain("9000_fix");
  });

  it("refuses when the newer version took something away, and names the way out", async () => {
    await migrate(store.db, { ...newer, "9003_drop_probe_breaking": adds("breaking") });
    await expect(store.migrate()).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringMatching(
        /9003_drop_probe_breaking.*Start that version again, or restore the backup/,
      ),
    });
  });
});

/** Runs a migration against nothing and hands back its statements. */
async function statementsOf(migration: Migration): Promise<string[]> {
  const seen: string[] = [];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: () => {
        throw new Error("not needed");
      },
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: (event) => void seen.push(event.query.sql),
  });
  await migration.up(db);
  return seen;
}

describe("every migration", () => {
  const landed = Object.entries(migrations).filter(([name]) => !name.endsWith("_breaking"));
  const ADDS =
    /^(create table |create (unique )?index |alter table \S+ add column (?!.*\bnot null\b(?!.*\bdefault\b)))/;

  it.each(landed)("%s only adds, so that the version before it can still work", async (_, migration) => {
    const statements = await statementsOf(migration);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter((statement) => !ADDS.test(statement.replace(/\s+/g, " ").trim()))).toEqual([]);
  });

  it("would be caught if it took something away", async () => {
    const drops: Migration = { up: async (db) => void (await sql.raw("drop table emm.items").execute(db)) };
    const needs: Migration = {
      up: async (db) => void (await sql.raw("alter table emm.items add column x int not null").execute(db)),
    };
    for (const migration of [drops, needs]) {
      expect((await statementsOf(migration)).filter((statement) => ADDS.test(statement))).toEqual([]);
    }
  });
});
