/** An older version of the bot starts on a database that a newer one has migrated: what every rollback does. */
import { DummyDriver, Kysely, type Migration, PostgresAdapter, PostgresQueryCompiler, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { createSettings } from "../../src/store/ledgers.ts";
import { migrate } from "../../src/store/migrate.ts";
import { migrations } from "../../src/store/migrations.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = preparedDataFolder();
  store = await openStore({
    databaseUrl: null,
    dataDir,
    log: createLog({ level: "ERROR", json: true }),
  });
  await store.migrate();
});

afterAll(async () => {
  await store.close();
  removeDataFolder(dataDir);
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

/** What an older version could trip over: anything but new tables, and columns that it may leave out. */
function breaking(statements: string[]): string[] {
  const lines = statements.map((statement) => statement.replace(/\s+/g, " ").trim());
  const created = namesIn(lines, /^create table (\S+)/);
  const columns = namesIn(lines, /^(alter table \S+ add column \S+)/);
  return lines.filter((line) => {
    const [, table = ""] = /^create unique index \S+ on (\S+)/.exec(line) ?? [];
    const [, filled = "", column = ""] = /^update (\S+) set (\w+) = (?!.*, \w+ = )/.exec(line) ?? [];
    const isNew = created.has(table) || columns.has(`alter table ${filled} add column ${column}`);
    const mayBeLeftOut = /^alter table \S+ add column (?!.*\bnot null\b(?!.*\bdefault\b))/.test(line);
    return !(isNew || mayBeLeftOut || /^create (table|index) /.test(line));
  });
}

function namesIn(lines: string[], pattern: RegExp): Set<string> {
  return new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []));
}

describe("every migration", () => {
  const landed = Object.entries(migrations).filter(([name]) => !name.endsWith("_breaking"));

  it.each(landed)("%s only adds, so that the version before it can still work", async (_, migration) => {
    const statements = await statementsOf(migration);
    expect(statements.length).toBeGreaterThan(0);
    expect(breaking(statements)).toEqual([]);
  });

  it.each([
    "drop table emm.items",
    "alter table emm.items drop column state",
    "alter table emm.items add column x int not null",
    "create unique index one on emm.items (state)",
    "update emm.items set state = 'done'",
  ])("would be caught with: %s", async (line) => {
    const migration: Migration = { up: async (db) => void (await sql.raw(line).execute(db)) };
    expect(breaking(await statementsOf(migration))).toEqual([line]);
  });
});
