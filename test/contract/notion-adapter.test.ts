import { afterEach, describe, expect, it } from "vitest";
import type { Concept } from "../../src/domain/analysis.ts";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import { type Connected, cell, connectNotion, rowNamed, seedWith } from "./notion-fixture.ts";
import { intentFor, logFor, outcome, pipeFor, plan, taskFor, trainingFor } from "./notion-samples.ts";

const QUERY = "POST /v1/data_sources/:id/query";
const CREATE = "POST /v1/pages";
const SET = "PATCH /v1/pages/:id";
const GET = "GET /v1/pages/:id";

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

const concept = (name: string): Concept => ({ name, type: "Knowledge_Asset" });

describe("request budgets", () => {
  it("strategic with three new concepts costs 10, with the log", async () => {
    const { notion, standIn, routesOf } = await start();
    const [item] = await notion.inbox.waiting();
    const routes = await routesOf(async () => {
      const claimed = await notion.inbox.claim(item?.id ?? "", 1);
      await notion.catalogue.areas();
      await notion.catalogue.advisers();
      const nodes = await notion.catalogue.nodes(["Zugspitze", "Matterhorn", "Eiger"].map(concept), {});
      const intent = await notion.decisions.createIntent(
        intentFor(claimed.id, { nodeIds: nodes.map((n) => n.id) }),
        { key: "i" },
      );
      const pipe = await notion.decisions.createPipe(pipeFor(intent.id), { key: "p" });
      await notion.inbox.finish(claimed.id, {
        destination: "intent",
        routedTo: [intent.id],
        nodes: nodes.map((n) => n.id),
        tags: ["market", "germany"],
      });
      await notion.records.createLog(logFor(intent.id, pipe.id), { key: "l" });
      await notion.decisions.linkCard(pipe.id, "https://acme.slack.com/archives/C1/p1");
    });
    expect(routes).toEqual([SET, QUERY, CREATE, CREATE, CREATE, CREATE, CREATE, SET, CREATE, SET]);
    const row = standIn.rows("System Inbox")[0];
    expect(cell(row, "Status")).toBe("Triaged_to_Intent");
    expect(cell(row, "Triage_Destination")).toBe("Strategic (Intent)");
    expect(cell(row, "Auto_Tags")).toBe("market, germany");
    expect(cell(row, "Attempts")).toBe(1);
  });

  it("operational costs 4", async () => {
    const { notion, standIn, routesOf } = await start();
    const [item] = await notion.inbox.waiting();
    const id = item?.id ?? "";
    const routes = await routesOf(async () => {
      await notion.inbox.claim(id, 1);
      const task = await notion.followUps.createTask(taskFor({ itemId: id }), { key: "t" });
      await notion.inbox.finish(id, { destination: "task", routedTo: [task.id], nodes: [], tags: [] });
      await notion.records.createLog(logFor(null), { key: "l" });
    });
    expect(routes).toEqual([SET, CREATE, SET, CREATE]);
    const task = rowNamed(standIn, "Tasks", "Call the partner");
    expect(cell(task, "Status")).toBe("Not started");
    expect(cell(task, "Auto Generated")).toBe(true);
    expect(cell(task, "DB_System_Inbox")).toEqual([id]);
  });

  it("reference costs 7 with three new concepts and 4 with known ones", async () => {
    const { notion, routesOf } = await start();
    const waiting = await notion.inbox.waiting();
    const handle = (id: string, names: string[]) =>
      routesOf(async () => {
        await notion.inbox.claim(id, 1);
        const nodes = await notion.catalogue.nodes(names.map(concept), {});
        await notion.inbox.finish(id, {
          destination: "node",
          routedTo: nodes.map((n) => n.id),
          nodes: [],
          tags: [],
        });
        await notion.records.createLog(logFor(null), { key: `l:${id}` });
      });
    expect(await handle(waiting[0]?.id ?? "", ["Rhine", "Elbe", "Danube"])).toHaveLength(7);
    expect(await handle(waiting[1]?.id ?? "", ["rhine", "elbe", "Billing service"])).toHaveLength(4);
  });

  it("an idle poll costs 2", async () => {
    const { notion, routesOf } = await start();
    const routes = await routesOf(async () => {
      await notion.inbox.waiting();
      await notion.decisions.pipesEditedSince("2026-11-21T08:00:00.000Z");
    });
    expect(routes).toEqual([QUERY, QUERY]);
  });

  it("an approval with three tasks and a project costs 9", async () => {
    const { notion, standIn, routesOf } = await start();
    const intent = await notion.decisions.createIntent(intentFor(standIn.rows("System Inbox")[0]?.id ?? ""), {
      key: "i",
    });
    const pipe = await notion.decisions.createPipe(pipeFor(intent.id), { key: "p" });
    const routes = await routesOf(async () => {
      const { content } = await notion.decisions.readPipe(pipe.id);
      await notion.decisions.writePipe(pipe.id, { status: "Approved", outcome, sentence: null, content });
      await notion.decisions.writeIntent(intent.id, { status: "Approved", sentence: "Approved by Ada." });
      await notion.records.createTraining(trainingFor(intent.id), { key: "tr" });
      const project = await notion.followUps.createProject(
        { title: "Germany", context: "Pilot", intentId: intent.id, areaId: null },
        { key: "pr" },
      );
      for (const title of plan.tasks)
        await notion.followUps.createTask(taskFor({ title, intentId: intent.id, projectId: project.id }), {
          key: `t:${title}`,
        });
      await notion.records.createLog(logFor(intent.id, pipe.id), { key: "l" });
    });
    expect(routes).toEqual([GET, SET, SET, CREATE, CREATE, CREATE, CREATE, CREATE, CREATE]);
    const [project] = standIn.rows("Projects");
    expect(cell(project, "Tasks")).toHaveLength(3);
    expect(cell(project, "Status")).toBe("Planning");
    expect(cell(project, "Context")).toBe("Pilot");
  });
});

describe("the inbox", () => {
  it("lists every waiting row, oldest first, over all pages", async () => {
    const { notion, standIn, advance } = await start();
    const user = standIn.users[0]?.id ?? "";
    const before = standIn.rows("System Inbox").length;
    for (let n = 0; n < 230; n++) {
      advance(60_000);
      const Status = n % 3 === 0 ? null : n % 3 === 1 ? "Processing" : "Unprocessed";
      standIn.create({ user, database: "System Inbox", values: { Input_Title: `n${n}`, Status } });
    }
    standIn.create({
      user,
      database: "System Inbox",
      values: { Input_Title: "x", Status: "Triaged_to_Task" },
    });
    const waiting = await notion.inbox.waiting();
    expect(waiting).toHaveLength(before + 230);
    expect(waiting.slice(before, before + 3).map((ref) => ref.status)).toEqual([
      "",
      "Processing",
      "Unprocessed",
    ]);
  });

  it("starts a listing again when its cursor is refused", async () => {
    const { notion, standIn } = await start();
    const user = standIn.users[0]?.id ?? "";
    for (let n = 0; n < 120; n++)
      standIn.create({ user, database: "System Inbox", values: { Input_Title: `n${n}` } });
    const expected = standIn.rows("System Inbox").length;
    standIn.faults.add({
      route: QUERY,
      after: 1,
      times: 1,
      effect: { kind: "status", status: 400, code: "validation_error" },
    });
    expect(await notion.inbox.waiting()).toHaveLength(expected);
  });

  it("reads on when Notion stops at its cap of rows", async () => {
    const { notion, standIn, advance } = await start({ queryResultLimit: 50 });
    const user = standIn.users[0]?.id ?? "";
    const before = standIn.rows("System Inbox").length;
    for (let n = 0; n < 130; n++) {
      advance(60_000);
      standIn.create({ user, database: "System Inbox", values: { Input_Title: `n${n}` } });
    }
    expect(await notion.inbox.waiting()).toHaveLength(before + 130);
  });

  it("begins with what Notion shows of an import that is larger than the cap", async () => {
    const { notion, standIn, advance } = await start({ queryResultLimit: 50 });
    const row = { user: standIn.users[0]?.id ?? "", database: "System Inbox", values: {} };
    for (let n = 0; n < 130; n++) standIn.create(row);
    advance(120_000);
    const later = standIn.create(row);
    const waiting = await notion.inbox.waiting();
    expect(waiting.map(({ id }) => id)).toContain(later.id);
  });

  it("hands over an item whole and numbers it in the same request", async () => {
    const { notion, standIn, routesOf } = await start();
    const content = `${"A long question with 🧭. ".repeat(900)}End.`;
    const added = await notion.inbox.add(
      { title: "Long one", content, source: "Slack", requestedBy: "U0ADA" },
      { key: "slack:T1:C1:1" },
    );
    expect(cell(rowNamed(standIn, "System Inbox", "Long one"), "Inbox_ID")).toBeGreaterThan(3);
    const item = await notion.inbox.claim(added.id, 1);
    expect(item).toMatchObject({ title: "Long one", content, source: "Slack", requestedBy: "U0ADA" });

    const typed = standIn.create({
      user: standIn.users[0]?.id ?? "",
      database: "System Inbox",
      values: { Input_Title: "Typed", Content: "By hand" },
    });
    await notion.inbox.waiting();
    expect(await routesOf(() => notion.inbox.claim(typed.id, 1))).toEqual([SET]);
    expect(cell(rowNamed(standIn, "System Inbox", "Typed"), "Inbox_ID")).toBeGreaterThan(4);
  });

  it("reads the page body only when Content is empty", async () => {
    const { notion, standIn, routesOf } = await start();
    const row = standIn.create({
      user: standIn.users[0]?.id ?? "",
      database: "System Inbox",
      values: { Input_Title: "" },
    });
    const blocks = [
      {
        type: "paragraph",
        paragraph: { rich_text: [{ type: "text", text: { content: "Should we move?" } }] },
      },
      {
        type: "bulleted_list_item",
        bulleted_list_item: { rich_text: [{ type: "text", text: { content: "Rent ends in May" } }] },
      },
    ];
    const answer = await fetch(`${standIn.url}/v1/blocks/${row.id}/children`, {
      method: "PATCH",
      headers: {
        authorization: `Bearer ${standIn.token}`,
        "notion-version": "2026-03-11",
        "content-type": "application/json",
      },
      body: JSON.stringify({ children: blocks }),
    });
    expect(answer.status).toBe(200);
    let item: Awaited<ReturnType<typeof notion.inbox.claim>> | null = null;
    const routes = await routesOf(async () => {
      item = await notion.inbox.claim(row.id, 1);
    });
    expect(routes).toEqual([SET, "GET /v1/blocks/:id/children"]);
    expect(item).toMatchObject({ title: "Should we move?", content: "Should we move?\nRent ends in May" });
  });

  it("says why an item failed, and clears it when it is done", async () => {
    const { notion, standIn } = await start();
    const row = standIn.rows("System Inbox")[0];
    const now = () => standIn.rows("System Inbox")[0];
    await notion.inbox.putBack(row?.id ?? "", { status: "Failed", reason: "Claude refused" });
    expect([cell(now(), "Status"), cell(now(), "Last_Error")]).toEqual(["Failed", "Claude refused"]);
    await notion.inbox.finish(row?.id ?? "", { destination: "node", routedTo: [], nodes: [], tags: [] });
    expect([cell(now(), "Status"), cell(now(), "Last_Error")]).toEqual(["Triaged_to_Node", ""]);
  });
});

describe("decisions", () => {
  async function proposal(connected: Connected, raw: unknown = { advice: [] }) {
    const { notion, standIn } = connected;
    const intent = await notion.decisions.createIntent(intentFor(standIn.rows("System Inbox")[0]?.id ?? ""), {
      key: "i",
    });
    const pipe = await notion.decisions.createPipe(pipeFor(intent.id, { raw }), { key: "p" });
    return { intent, pipe };
  }

  it("stand in Notion with everything a person needs", async () => {
    const connected = await start();
    const { pipe, intent } = await proposal(connected);
    const row = connected.standIn.rows("Executive Intents")[0];
    const shown = [
      "Status",
      "Priority",
      "Risk_Level",
      "Projected_Impact",
      "Conflict_Level",
      "Due_Date",
      "Key",
    ];
    expect(shown.map((name) => cell(row, name))).toEqual([
      "Pending_Approval",
      "P0",
      "High",
      9,
      "Medium",
      "2026-11-28",
      "i",
    ]);
    expect(cell(row, "Intent ID")).toBe(1);
    expect(cell(row, "Related_Actions")).toEqual([pipe.id]);
    expect(await connected.notion.decisions.readPipe(pipe.id)).toMatchObject({
      status: "Pending",
      inTrash: false,
      content: pipeFor(intent.id).content,
      reason: null,
      lastEditedBy: await connected.notion.users.botId(),
    });
  });

  it("keep the untouched AI output whole, whatever its length", async () => {
    const connected = await start();
    const raw = { advice: `${"Füße 🧭 ".repeat(60_000)}end` };
    const { pipe } = await proposal(connected, raw);
    const row = connected.standIn.rows("Action Pipes")[0];
    const answer = await fetch(`${connected.standIn.url}/v1/blocks/${pipe.id}/children`, {
      headers: { authorization: `Bearer ${connected.standIn.token}`, "notion-version": "2026-03-11" },
    });
    const { results } = (await answer.json()) as {
      results: { code: { rich_text: { plain_text: string }[] } }[];
    };
    const body = results.map((block) => block.code.rich_text.map((run) => run.plain_text).join("")).join("");
    expect(`${cell(row, "AI_Raw_Output")}${body}`).toBe(JSON.stringify(raw));
    expect(body).not.toBe("");
  });

  it("are written with who, when, why and the final content", async () => {
    const connected = await start();
    const { pipe, intent } = await proposal(connected);
    const content = { ...pipeFor(intent.id).content, recommendedOption: "A" as const, tasks: "Only this" };
    await connected.notion.decisions.writePipe(pipe.id, {
      status: "Approved",
      outcome,
      sentence: null,
      content,
    });
    await connected.notion.decisions.writeIntent(intent.id, { status: "Approved", sentence: "Go." });
    const row = connected.standIn.rows("Action Pipes")[0];
    const shown = ["Approval_Status", "Decided_By", "Decision_Reason", "Diff_Logged", "Recommended_Option"];
    expect(shown.map((name) => cell(row, name))).toEqual([
      "Approved",
      "Ada Lovelace (U0ADA)",
      "Cheaper first step",
      true,
      "A",
    ]);
    expect(Date.parse(String(cell(row, "Approved_Date")))).toBe(Date.parse(outcome.at));
    expect(cell(row, "Task_Generation_Template")).toBe("Only this");
    expect(cell(connected.standIn.rows("Executive Intents")[0], "Decision_Made")).toBe("Go.");
  });

  it("edited in Notion are found by time and read leniently", async () => {
    const connected = await start();
    const { pipe } = await proposal(connected);
    const editor = connected.standIn.users[1]?.id ?? "";
    connected.advance(3_600_000);
    connected.standIn.edit({
      user: editor,
      pageId: pipe.id,
      values: { Approval_Status: "Rejected", Decision_Reason: "Too early", Recommended_Option: "Option C" },
    });
    const since = new Date(connected.clock.now() - 120_000).toISOString();
    expect(await connected.notion.decisions.pipesEditedSince(since)).toMatchObject([
      {
        id: pipe.id,
        status: "Rejected",
        reason: "Too early",
        lastEditedBy: editor,
        content: { recommendedOption: "C" },
      },
    ]);
    connected.advance(3_600_000);
    const later = new Date(connected.clock.now()).toISOString();
    expect(await connected.notion.decisions.pipesEditedSince(later)).toEqual([]);
    connected.standIn.trash(pipe.id);
    expect((await connected.notion.decisions.readPipe(pipe.id)).inTrash).toBe(true);
  });

  it("settle in percent, as whole JSON, under a running log number", async () => {
    const { notion, standIn } = await start();
    const modifications = Array.from({ length: 4000 }, (_, n) => ({ path: `tasks.${n}`, kind: "value" }));
    await notion.records.createTraining(trainingFor("i1", { modifications }), { key: "tr" });
    const [row] = standIn.rows("Training Data");
    expect([cell(row, "Acceptance_Rate"), cell(row, "Modifications_Count")]).toEqual([87.5, 4000]);
    expect([cell(row, "Outcome"), cell(row, "Agent_Name")]).toEqual(["edited", "The Quant"]);
    expect(JSON.parse(String(cell(row, "Modifications")))).toEqual(modifications);
    expect(JSON.parse(String(cell(row, "Final_Plan")))).toEqual(plan);
    await notion.records.createLog(logFor(null), { key: "l1" });
    await notion.records.createLog(logFor(null), { key: "l2" });
    expect(standIn.rows("Execution Log").map((log) => cell(log, "Log_ID"))).toEqual([1, 2]);
  });
});

describe("a task's context", () => {
  it("goes into a text property when there is one, else into one paragraph", async () => {
    const withRoom = seedWith("Tasks", (db) => ({
      ...db,
      properties: [...db.properties, { name: "Notes", type: "rich_text" as const }],
    }));
    const roomy = await start({ seed: withRoom });
    await roomy.notion.followUps.createTask(taskFor(), { key: "t" });
    expect(cell(roomy.standIn.rows("Tasks")[0], "Notes")).toBe("From the decision on Germany.");

    const bare = await start({ seed: createWorkspaceSeed() });
    const task = await bare.notion.followUps.createTask(taskFor(), { key: "t" });
    const answer = await fetch(`${bare.standIn.url}/v1/blocks/${task.id}/children`, {
      headers: { authorization: `Bearer ${bare.standIn.token}`, "notion-version": "2026-03-11" },
    });
    expect(JSON.stringify(await answer.json())).toContain("From the decision on Germany.");
  });
});
