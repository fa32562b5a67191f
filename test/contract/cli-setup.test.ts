/** `emm setup`: from an empty page to a workspace the bot accepts, however often and wherever it is interrupted. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { DATABASES } from "../../src/notion/databases/all.ts";
import type { PropertyTable } from "../../src/notion/databases/property-table.ts";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import type { Fault } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { emm, emptyWorld, PARENT_PAGE, writesTo } from "../fixtures/cli.ts";
import { emptyFolder } from "../fixtures/data-folders.ts";
import { cell } from "../flows/bot.ts";

let world: World;
const worlds: World[] = [];

beforeEach(async () => {
  world = await emptyWorld();
  worlds.push(world);
});
afterEach(() => world.notion.faults.clear());
afterAll(() => Promise.all(worlds.map((one) => one.close())));

const run = (...more: string[]) => emm(["setup", "--parent", PARENT_PAGE, ...more], { env: world.env });

/** Every database with the names, types and targets of its properties. */
function shape(of: World) {
  const titles = new Map(of.notion.databases().map(({ dataSourceId, title }) => [dataSourceId, title]));
  return of.notion.databases().map(({ title, properties }) => ({
    title,
    properties: Object.entries(properties)
      .map(([name, { type, relation }]) => {
        const target = (relation as { data_source_id?: string } | undefined)?.data_source_id;
        return `${name}: ${type}${target ? ` → ${titles.get(target)}` : ""}`;
      })
      .toSorted(),
  }));
}

function namesIn(of: World, database: string, property: string): string[] {
  return of.notion.rows(database).map((row) => cell(row, property));
}

/** What a first run makes that nothing disturbs. */
let undisturbed: ReturnType<typeof shape> | null = null;

async function expectedShape() {
  if (undisturbed) return undisturbed;
  const fresh = await emptyWorld();
  worlds.push(fresh);
  await emm(["setup", "--parent", PARENT_PAGE], { env: fresh.env });
  undisturbed = shape(fresh);
  return undisturbed;
}

describe("setup on an empty page", () => {
  it("creates the ten databases with every property of our tables, and nothing else", async () => {
    const { code, err } = await run();
    expect(code, err).toBe(0);
    const made = world.notion.databases();
    expect(made.map(({ title }) => title)).toEqual(Object.values(DATABASES).map(({ title }) => title));
    for (const { title, properties } of Object.values<{ title: string; properties: PropertyTable }>(
      DATABASES,
    )) {
      const database = made.find((one) => one.title === title);
      const wanted = Object.entries(properties).filter(([, spec]) => !spec.isSpare);
      expect(Object.keys(database?.properties ?? {}).toSorted(), title).toEqual(
        wanted.map(([name]) => name).toSorted(),
      );
      for (const [name, spec] of wanted) {
        expect(database?.properties[name]?.type, `${title}: ${name}`).toBe(spec.types[0]);
      }
    }
  });

  it("gives selects today's words only, and Tasks the status that people know", async () => {
    await run();
    const options = (database: string, property: string) => {
      const found = world.notion.databases().find(({ title }) => title === database)?.properties[property];
      const config = found?.[found.type] as { options: { name: string }[] };
      return config.options.map(({ name }) => name);
    };
    expect(options("Action Pipes", "Recommended_Option")).toEqual(["A", "B", "C", "D"]);
    expect(options("Executive Intents", "Conflict_Level")).toEqual(["None", "Low", "Medium", "High"]);
    expect(options("System Inbox", "Status")).toContain("Failed");
    expect(options("Tasks", "Status")).toEqual(["Not started", "In progress", "Done"]);
  });

  it("connects both sides of two-way relations", async () => {
    await run();
    const intents = world.notion.databases().find(({ title }) => title === "Executive Intents");
    for (const mirror of ["Source", "Related_Actions", "Spawned Project", "✅ Spawned tasks"]) {
      expect(intents?.properties[mirror]?.["relation"], mirror).toMatchObject({ type: "dual_property" });
    }
  });

  it("writes areas, and the three advisers with their prompts but not active", async () => {
    await run();
    expect(namesIn(world, "Areas", "Name")).toContain("Finance");
    const rows = world.notion.rows("Agent Registry");
    expect(rows.map((row) => cell(row, "Agent_Name"))).toEqual([
      "The Entrepreneur",
      "The Quant",
      "The Auditor",
    ]);
    for (const row of rows) {
      expect(cell(row, "System_Prompt")).toMatch(/^You are The /);
      expect(cell(row, "Active")).toBe("false");
    }
  });

  it("prints lines with which the configuration is valid and the doctor content", async () => {
    const { out } = await run();
    const lines = Object.fromEntries(
      out
        .trim()
        .split("\n")
        .map((line) => line.split("=") as [string, string]),
    );
    expect(Object.keys(lines)).toHaveLength(10);
    const env = { ...world.env, ...lines };
    expect(() => parseConfig(env)).not.toThrow();
    const doctor = await emm(["doctor"], { env });
    expect(doctor.out).not.toMatch(/✗/);
    expect(doctor.code).toBe(0);
  });
});

describe("setup --write", () => {
  it("sets the ten lines and keeps every other one", async () => {
    const folder = emptyFolder();
    const before = "# mine\nSLACK_BOT_TOKEN=xoxb-1\nNOTION_DB_TASKS=\n# NOTION_DB_NODES=\nLAST=1\n";
    writeFileSync(join(folder, ".env"), before);
    const { code, out } = await emm(["setup", "--parent", PARENT_PAGE, "--write", ".env"], {
      env: world.env,
      folder,
    });
    expect({ code, out }).toEqual({ code: 0, out: "" });
    const lines = readFileSync(join(folder, ".env"), "utf8").split("\n");
    expect(lines.slice(0, 2)).toEqual(["# mine", "SLACK_BOT_TOKEN=xoxb-1"]);
    expect(lines[2]).toMatch(/^NOTION_DB_TASKS=[0-9a-f-]{36}$/);
    expect(lines[3]).toMatch(/^NOTION_DB_NODES=[0-9a-f-]{36}$/);
    expect(lines[4]).toBe("LAST=1");
    expect(lines.filter((line) => line.startsWith("NOTION_DB_"))).toHaveLength(10);
    expect(statSync(join(folder, ".env")).mode & 0o077).toBe(0);
  });

  it("asks for the folder before it makes anything", async () => {
    const { code, err } = await run("--write", "no/such/.env");
    expect(code).toBe(2);
    expect(err).toContain("there is no folder");
    expect(writesTo(world)).toEqual([]);
  });
});

describe("setup, interrupted", () => {
  it("ends with the same ten databases wherever the first run broke off, and the third run changes nothing", async () => {
    const expected = await expectedShape();
    for (let after = 3; after < 70; after += 6) {
      const place = await emptyWorld();
      worlds.push(place);
      const again = () => emm(["setup", "--parent", PARENT_PAGE], { env: place.env });
      place.notion.faults.add({ route: /./, after, effect: { kind: "status", status: 401 } });
      const broken = await again();
      if (broken.code === 0) break;
      expect(broken.err, `after ${after}`).toContain("Run the same command again");
      place.notion.faults.clear();
      const second = await again();
      expect(second.code, second.err).toBe(0);
      expect(shape(place), `after ${after}`).toEqual(expected);
      expect(namesIn(place, "Areas", "Name"), `after ${after}`).toHaveLength(5);
      expect(namesIn(place, "Agent Registry", "Agent_Name"), `after ${after}`).toHaveLength(3);
      place.notion.calls.length = 0;
      const third = await again();
      expect(third.err).toContain("Nothing was missing");
      expect(writesTo(place)).toEqual([]);
    }
  });

  const LOST: [string, Omit<Fault, "times">][] = [
    [
      "a database whose answer was cut",
      { route: "POST /v1/databases", after: 2, effect: { kind: "reset", committed: true } },
    ],
    [
      "a database that was never made",
      { route: "POST /v1/databases", after: 5, effect: { kind: "reset", committed: false } },
    ],
    [
      "a database saved with a 503",
      { route: "POST /v1/databases", after: 1, effect: { kind: "committed-error", status: 503 } },
    ],
    [
      "relations whose answer was cut",
      { route: "PATCH /v1/data_sources", effect: { kind: "reset", committed: true } },
    ],
    [
      "relations that were never made",
      { route: "PATCH /v1/data_sources", effect: { kind: "reset", committed: false } },
    ],
    ["an area whose answer was cut", { route: "POST /v1/pages", effect: { kind: "reset", committed: true } }],
    ["an overloaded Notion", { route: "GET /v1/data_sources", effect: { kind: "status", status: 503 } }],
  ];

  it.each(LOST)("makes nothing twice after %s", async (_what, fault) => {
    world.notion.faults.add({ ...fault, times: 1 });
    const { code, err } = await run();
    expect(code, err).toBe(0);
    expect(shape(world)).toEqual(await expectedShape());
    expect(namesIn(world, "Areas", "Name")).toHaveLength(5);
  });
});

describe("setup where something is there already", () => {
  it("adds what is missing to an older workspace and changes nothing that was there", async () => {
    const older = await createWorld({ notionSeed: createWorkspaceSeed({ withoutNewProperties: true }) });
    worlds.push(older);
    older.notion.requestsPerMinute = null;
    const before = structuredClone(older.notion.databases());
    const rows = structuredClone(before.map(({ title }) => older.notion.rows(title)));
    const { code, err } = await emm(["setup", "--parent", PARENT_PAGE], { env: older.env });
    expect(code, err).toBe(0);
    expect(err).toContain("0 created, 10 were there");
    const after = older.notion.databases();
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    for (const [index, { title, properties }] of before.entries()) {
      expect(after[index]?.properties, title).toMatchObject(properties);
    }
    expect(after.find(({ title }) => title === "System Inbox")?.properties).toHaveProperty("Last_Error");
    const kept = before.map(({ title }) => older.notion.rows(title));
    for (const [index, list] of rows.entries()) expect(kept[index]).toMatchObject(list);
  });

  it("stops when one title stands for two databases", async () => {
    await run();
    await addDatabase("Tasks");
    const { code, err } = await run();
    expect(code).toBe(1);
    expect(err).toMatch(/2 databases called "Tasks".*rename or remove all but one/);
  });

  it("stops before forgetting databases that are configured elsewhere", async () => {
    const env = { ...world.env, NOTION_DB_TASKS: "a".repeat(32) };
    const { code, err } = await emm(["setup", "--parent", PARENT_PAGE], { env });
    expect(code).toBe(1);
    expect(err).toContain("NOTION_DB_TASKS already names a database that is not on the page");
    expect(writesTo(world)).toEqual([]);
  });

  async function addDatabase(title: string): Promise<void> {
    const answer = await fetch(`${world.notion.url}/v1/databases`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${world.notion.token}`,
        "notion-version": "2026-03-11",
        "content-type": "application/json",
      },
      body: JSON.stringify({
        parent: { type: "page_id", page_id: PARENT_PAGE },
        title: [{ type: "text", text: { content: title } }],
      }),
    });
    expect(answer.status).toBe(200);
  }
});

describe("setup, wrongly called", () => {
  it("says what a page is", async () => {
    const { code, err } = await emm(["setup", "--parent", "my page"], { env: world.env });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("--parent is not a page") });
  });

  it("says how to share a page it cannot see", async () => {
    const { code, err } = await emm(["setup", "--parent", "b".repeat(32)], { env: world.env });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("••• → Connections") });
  });

  it("says where a key comes from", async () => {
    const { code, err } = await emm(["setup", "--parent", PARENT_PAGE], { env: {} });
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/NOTION_API_KEY is missing.*integration/),
    });
  });

  it("changes nothing in a dry run, and says what it would do", async () => {
    const { code, out } = await run("--dry-run", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      dryRun: true,
      create: expect.arrayContaining(["Nodes"]),
      add: [],
    });
    expect(writesTo(world)).toEqual([]);
  });
});
