/** The thread of the embedded database: what is asked is answered or fails, and its death is told. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPglite } from "../../src/store/pglite.ts";
import { startThread } from "../../src/store/thread.ts";

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
  it("that cannot be opened says which and why", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    await expect(openPglite({ folder: file, settings: [] })).rejects.toThrow(
      `the database in ${file} cannot be opened: ErrnoError { name: 'ErrnoError', errno: 54 }; see that`,
    );
  });

  it("of a newer version is refused", async () => {
    const newer = join(folder, "newer");
    mkdirSync(newer);
    writeFileSync(join(newer, "PG_VERSION"), "99\n");
    await expect(openPglite({ folder: newer, settings: [] })).rejects.toThrow(
      "cannot be opened: PGlite failed",
    );
  });
});
