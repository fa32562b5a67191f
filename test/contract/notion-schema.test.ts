import { afterEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { executiveIntents } from "../../src/notion/databases/executive-intents.ts";
import { createGateway } from "../../src/notion/gateway.ts";
import { createTable } from "../../src/notion/table.ts";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import { type Connected, cell, connectNotion, seedWith } from "./notion-fixture.ts";
import { intentFor, logFor, outcome, pipeFor, taskFor, trainingFor } from "./notion-samples.ts";

let open: Connected[] = [];
async function start(...options: Parameters<typeof connectNotion>): Promise<Connected> {
  const connected = await connectNotion(...options);
  open.push(connected);
  return connected;
}
afterEach(async () => {
  await Promise.all(open.map(({ standIn }) => standIn.close()));
  open = [];
});

const without = (database: string, ...names: string[]) =>
  seedWith(database, (db) => ({
    ...db,
    properties: db.properties.filter((property) => !names.includes(property.name)),
    rows: db.rows.map((row) => ({
      ...row,
      values: Object.fromEntries(Object.entries(row.values).filter(([name]) => !names.includes(name))),
    })),
  }));

describe("an existing workspace, without our new properties", () => {
  it("works from item to settled decision, and says once what is missing", async () => {
    const { notion, standIn } = await start({
      seed: createWorkspaceSeed({ withoutNewProperties: true }),
      connect: false,
    });
    const { warnings } = await notion.connect();
    expect(warnings.filter((w) => w.includes('"Decided_By"') && w.includes("Action Pipes"))).toHaveLength(1);
    const [item] = await notion.inbox.waiting();
    const claimed = await notion.inbox.claim(item?.id ?? "", 1);
    const nodes = await notion.catalogue.nodes([{ name: "Fabrikam", type: "Entity_Company" }], {});
    const intent = await notion.decisions.createIntent(intentFor(claimed.id), { key: "i" });
    const pipe = await notion.decisions.createPipe(pipeFor(intent.id), { key: "p" });
    await notion.decisions.linkCard(pipe.id, "https://acme.slack.com/1");
    await notion.inbox.finish(claimed.id, {
      destination: "intent",
      routedTo: [intent.id],
      nodes: nodes.map((n) => n.id),
      tags: [],
    });
    const write = { status: "Expired" as const, outcome, sentence: null, content: null };
    await notion.decisions.writePipe(pipe.id, write);
    await notion.records.createTraining(trainingFor(intent.id), { key: "tr" });
    await notion.records.createLog(logFor(intent.id, pipe.id), { key: "l" });
    await notion.followUps.createTask(taskFor({ intentId: intent.id }), { key: "t" });
    const [row] = standIn.rows("Action Pipes");
    expect([cell(row, "Approval_Status"), cell(row, "Diff_Logged")]).toEqual(["Expired", true]);
    expect(standIn.rows("Training Data")).toHaveLength(1);
  });

  it("keeps its own option names", async () => {
    const seed = seedWith("Action Pipes", (db) => ({
      ...db,
      properties: db.properties.map((property) =>
        property.name === "Recommended_Option"
          ? { ...property, options: ["Option A", "Option B", "Option C"] }
          : property,
      ),
    }));
    const { notion, standIn } = await start({ seed });
    const intent = await notion.decisions.createIntent(intentFor(standIn.rows("System Inbox")[0]?.id ?? ""), {
      key: "i",
    });
    const made = await notion.decisions.createPipe(pipeFor(intent.id), { key: "p" });
    expect(cell(standIn.rows("Action Pipes")[0], "Recommended_Option")).toBe("Option B");
    expect((await notion.decisions.readPipe(made.id)).content.recommendedOption).toBe("B");
  });
});

describe("a schema that cannot be used", () => {
  it("names every database and property, and the fix", async () => {
    const seed = without("Action Pipes", "Approval_Status", "Risk_Assessment");
    const { notion } = await start({ seed, connect: false });
    const failed = expect(notion.connect()).rejects;
    await failed.toMatchObject({ code: "notion_invalid", retryable: false });
    await expect(notion.connect()).rejects.toThrow(
      /Action Pipes \(NOTION_DB_ACTION_PIPES\).*"Risk_Assessment" \(text\) is missing.*doctor.*"Approval_Status" \(select\) is missing/s,
    );
    expect(await notion.checkDatabase("ACTION_PIPES")).toMatchObject({ status: "down" });
    expect(await notion.checkDatabase("TASKS")).toMatchObject({ status: "ok" });
    expect((await notion.inbox.waiting()).length).toBeGreaterThan(0);
  });

  it("is a property of another type", async () => {
    const seed = seedWith("System Inbox", (db) => ({
      ...db,
      properties: db.properties.map((p) =>
        p.name === "Status" ? { name: p.name, type: "rich_text" as const } : p,
      ),
      rows: [],
    }));
    const { notion } = await start({ seed, connect: false });
    await expect(notion.connect()).rejects.toThrow(
      /System Inbox.*"Status" is rich_text, but has to be select/,
    );
  });

  it("is an id that nobody shared with the bot", async () => {
    const databases = { TASKS: "00000000-0000-4000-8000-000000000000" };
    const { notion } = await start({ databases, connect: false });
    await expect(notion.connect()).rejects.toMatchObject({ code: "notion_not_found" });
    await expect(notion.connect()).rejects.toThrow(/Tasks \(NOTION_DB_TASKS\).*Connections/);
  });

  it("is a database with two data sources, which are both named", async () => {
    const { notion, standIn } = await start({ connect: false });
    const areas = standIn.databases().find((db) => db.title === "Areas");
    standIn.faults.add({
      route: "GET /v1/databases/:id",
      effect: {
        kind: "status",
        status: 200,
        body: {
          object: "database",
          data_sources: [
            { id: areas?.dataSourceId, name: "Areas" },
            { id: "11111111-1111-4111-8111-111111111111", name: "Old areas" },
          ],
        },
      },
    });
    await expect(notion.catalogue.areas()).rejects.toMatchObject({
      code: "notion_invalid",
      retryable: false,
    });
    await expect(notion.catalogue.areas()).rejects.toThrow(/2 data sources: "Areas".*"Old areas"/);
  });
});

describe("binding", () => {
  it("accepts the id of a data source in place of its database", async () => {
    const probe = await start({ connect: false });
    const areas = probe.standIn.databases().find((db) => db.title === "Areas");
    const { notion } = await start({ databases: { AREAS: areas?.dataSourceId ?? "" } });
    expect((await notion.catalogue.areas()).map((area) => area.name)).toContain("Finance");
  });

  it("survives a rename of a property while the bot runs", async () => {
    const { notion, standIn } = await start();
    const inbox = standIn.databases().find((db) => db.title === "System Inbox");
    const answer = await fetch(`${standIn.url}/v1/data_sources/${inbox?.dataSourceId}`, {
      method: "PATCH",
      headers: {
        authorization: `Bearer ${standIn.token}`,
        "notion-version": "2026-03-11",
        "content-type": "application/json",
      },
      body: JSON.stringify({ properties: { Content: { name: "What it is about" } } }),
    });
    expect(answer.status).toBe(200);
    const [item] = await notion.inbox.waiting();
    expect((await notion.inbox.claim(item?.id ?? "", 1)).content).toContain("German");
  });

  it("reads a changed schema again after a refused write", async () => {
    const { notion, standIn } = await start();
    const log = standIn.databases().find((db) => db.title === "Execution Log");
    await fetch(`${standIn.url}/v1/data_sources/${log?.dataSourceId}`, {
      method: "PATCH",
      headers: {
        authorization: `Bearer ${standIn.token}`,
        "notion-version": "2026-03-11",
        "content-type": "application/json",
      },
      body: JSON.stringify({ properties: { Actor: null } }),
    });
    await expect(notion.records.createLog(logFor(null), { key: "l" })).rejects.toMatchObject({
      code: "notion_invalid",
    });
    await notion.records.createLog(logFor(null), { key: "l" });
    expect(standIn.rows("Execution Log")).toHaveLength(1);
  });
});

describe("caches and people", () => {
  it("asks for areas and advisers again after five minutes, and only active advisers speak", async () => {
    const { notion, routesOf, advance } = await start();
    const both = async () => {
      await Promise.all([notion.catalogue.areas(), notion.catalogue.areas(), notion.catalogue.advisers()]);
    };
    expect(await routesOf(both)).toEqual([]);
    advance(5 * 60_000 + 1);
    expect(await routesOf(both)).toHaveLength(2);
    const advisers = await notion.catalogue.advisers();
    expect(advisers.map((adviser) => adviser.name)).toEqual(["The Entrepreneur", "The Quant"]);
    expect(advisers[0]?.systemPrompt).toMatch(/^You are The Entrepreneur/);
  });

  it("knows people by e-mail address, and nobody behind a bot or an unknown id", async () => {
    const { notion, standIn } = await start();
    const [person] = standIn.users;
    expect(await notion.users.emailOf(person?.id ?? "")).toEqual({
      name: person?.name,
      email: person?.email,
    });
    expect(await notion.users.emailOf(await notion.users.botId())).toBeNull();
    expect(await notion.users.emailOf("00000000-0000-4000-8000-000000000000")).toBeNull();
  });

  it("probes are real: an outage shows, and so does its end", async () => {
    const { notion, standIn } = await start();
    standIn.faults.add({ route: "GET /v1/data_sources/:id", effect: { kind: "status", status: 503 } });
    const [nodes, tasks] = await Promise.all([notion.checkDatabase("NODES"), notion.checkDatabase("TASKS")]);
    expect([nodes.status, tasks.status]).toEqual(["down", "down"]);
    expect(nodes.detail).toMatch(/^Notion does not answer: 503 \w+: [^,]+, please try again later\.$/);
    expect(tasks.detail).toBe(nodes.detail);
    standIn.faults.clear();
    expect(await notion.checkDatabase("NODES")).toMatchObject({ name: "Nodes", status: "ok" });
  });

  it("a limit is an answer, at once, and not a reason to wait or to hold others back", async () => {
    const { notion, standIn, pauses } = await start();
    const effect = { kind: "status", status: 429, retryAfterSeconds: 30 } as const;
    standIn.faults.add({ route: "GET /v1/data_sources/:id", effect });
    const before = standIn.calls.length;
    expect((await notion.checkDatabase("NODES")).status).toBe("degraded");
    expect(standIn.calls.length - before).toBe(1);
    expect(pauses).toEqual([]);
  });

  it("a look that is left out for the sake of work is no finding", async () => {
    const skipped = new AppError("no turn", { code: "probe_skipped", retryable: true });
    const probePacer = { take: () => Promise.reject(skipped), pauseFor: async () => undefined };
    const { notion } = await start({ probePacer });
    expect((await notion.checkDatabase("NODES")).status).toBe("unknown");
  });
});

describe("a row with more than 25 links", () => {
  it("is read whole", async () => {
    const { notion, standIn, clock } = await start();
    const user = standIn.users[0]?.id ?? "";
    const ids = Array.from({ length: 60 }, (_, n) => {
      return standIn.create({ user, database: "Nodes", values: { Name: `N${n}` } }).id;
    });
    const item = standIn.rows("System Inbox")[0]?.id ?? "";
    const intent = await notion.decisions.createIntent(intentFor(item, { nodeIds: ids }), { key: "i" });
    const gateway = createGateway({
      apiKey: standIn.token,
      baseUrl: standIn.url,
      clock,
      pacer: { take: async () => undefined, pauseFor: async () => undefined },
      log: createLog({ level: "ERROR", json: true, destination: { write: () => undefined } }),
    });
    const ledger = {
      begin: async () => ({ pageId: null, retried: false, startedAt: "" }),
      done: async () => undefined,
    };
    const table = createTable(
      { gateway, clock, ledger, lookupDelaysMs: [0] },
      {
        name: "EXECUTIVE_INTENTS",
        title: "Executive Intents",
        id: standIn.databases().find((db) => db.title === "Executive Intents")?.id ?? "",
        table: executiveIntents,
      },
    );
    const page = await table.get(intent.id, ["Related_Nodes", "Name"]);
    expect(page.row.Related_Nodes).toEqual(ids);
  });
});
