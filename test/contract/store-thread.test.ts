/** The thread of the embedded database: what is asked is answered or fails, and its death is told. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { openPglite } from "../../src/store/pglite.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { startThread } from "../../src/store/thread.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { type OwnStore, openOwnStore } from "../fixtures/own-store.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "emm-thread-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A thread of this JavaScript, and how it died. */
function start(name: string, code: string) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, `import { parentPort } from "node:worker_threads";\n${code}`);
  const deaths: string[] = [];
  const thread = startThread<string, string>(pathToFileURL(file), null, ({ message }) =>
    deaths.push(message),
  );
  return { thread, deaths };
}

const ECHO = `parentPort.on("message", ({ id, ask }) =>
  parentPort.postMessage(ask === "bad" ? { id, failed: "no such thing" } : { id, said: ask.toUpperCase() }));`;

describe("a thread", () => {
  it("answers each question, and says what failed", async () => {
    const { thread, deaths } = start("echo", ECHO);
    const answers = await Promise.allSettled(["a", "bad", "c"].map((ask) => thread.ask(ask)));
    expect(answers).toMatchObject([{ value: "A" }, { reason: new Error("no such thing") }, { value: "C" }]);
    await thread.end();
    await expect(thread.ask("d")).rejects.toThrow("the thread was ended");
    expect(deaths).toEqual([]);
  });

  it("that is ended meanwhile says so to whoever waits", async () => {
    const { thread, deaths } = start("mute", `parentPort.on("message", () => undefined);`);
    const waiting = expect(thread.ask("a")).rejects.toThrow("the thread was ended");
    await thread.end();
    await waiting;
    expect(deaths).toEqual([]);
  });

  it.each([
    ["by an exit", "process.exit(3)", "a thread ended by itself, with exit code 3"],
    ["by a fault", 'throw new Error("out of everything")', "out of everything"],
  ])("that dies %s tells it once, and whoever waits", async (_, does, words) => {
    const { thread, deaths } = start(does.slice(0, 5), `parentPort.on("message", () => { ${does}; });`);
    const waiting = Promise.allSettled([thread.ask("a"), thread.ask("b")]);
    expect(await waiting).toMatchObject([{ reason: new Error(words) }, { reason: new Error(words) }]);
    await expect(thread.ask("c")).rejects.toThrow(words);
    await thread.end();
    expect(deaths).toEqual([words]);
  });
});

describe("the embedded database", () => {
  it("of a newer version is refused", async () => {
    const newer = join(folder, "newer");
    mkdirSync(newer);
    writeFileSync(join(newer, "PG_VERSION"), "99\n");
    await expect(openPglite({ folder: newer, settings: [] })).rejects.toThrow(
      "cannot be opened: PGlite failed",
    );
  });

  it("that cannot be opened says which and why, and can be when the reason is gone", async () => {
    const dataDir = join(folder, "later it is %23 well");
    const open = () =>
      openStore({ databaseUrl: null, dataDir, log: createLog({ level: "CRITICAL", json: true }) });
    const prepared = preparedDataFolder();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "pglite"), "");
    await expect(open()).rejects.toThrow(
      `the database in ${dataDir}/pglite cannot be opened: ErrnoError { name: 'ErrnoError', errno: 54 }; see that`,
    );
    rmSync(join(dataDir, "pglite"));
    cpSync(join(prepared, "pglite"), join(dataDir, "pglite"), { recursive: true });
    removeDataFolder(prepared);
    const store = await open();
    await expect(open()).rejects.toThrow("in use by another process");
    await store.ping(60_000);
    await store.close();
    await (await open()).close();
  });
});

describe("a client of the embedded database", () => {
  let store: OwnStore;
  beforeAll(async () => {
    store = await openOwnStore();
  });
  afterAll(() => store.close());

  it.each([
    ["does not parse", "selct $1", ["1"]],
    ["does not bind", "select $1::int", ["x"]],
    ["fails", "select 1 / $1::int", [0]],
    ["is simple", "selct", undefined],
  ])("whose statement %s leaves nothing behind for the next", async (_, text, values) => {
    const pool = poolOf(store);
    const numberOf = async (n: number) => (await pool.query<{ n: number }>(`select ${n} as n`)).rows[0]?.n;
    await pool.query(text, values).catch(() => undefined);
    expect([await numberOf(1), await numberOf(2)]).toEqual([1, 2]);
    const client = await pool.connect();
    await client.query({ name: "named", text: "select 1" });
    await client.query("begin");
    const failed = await client.query(text, values).catch((error: Error) => error);
    void client.query("select 0 as n");
    client.release(failed instanceof Error ? failed : false);
    expect([await numberOf(3), await numberOf(4)]).toEqual([3, 4]);
    expect(await pool.query({ name: "named", text: "select 5 as n" })).toMatchObject({ rows: [{ n: 5 }] });
  });
});

function poolOf({ connection }: Pick<Store, "connection">) {
  if (connection.kind !== "embedded") throw new Error("not embedded");
  return connection.pool;
}
