import { afterEach, describe, expect, it } from "vitest";
import type { Concept } from "../../src/domain/analysis.ts";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import type { Fault } from "../../src/sandbox/stand-ins.ts";
import { type Connected, cell, connectNotion, rowNamed, titleOf } from "./notion-fixture.ts";
import { intentFor, logFor, taskFor } from "./notion-samples.ts";

const QUERY = "POST /v1/data_sources/:id/query";
const CREATE = "POST /v1/pages";
const SET = "PATCH /v1/pages/:id";

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

const concept = (name: string): Concept => ({ name, type: "Entity_Company" });
const legacy = () => createWorkspaceSeed({ withoutNewProperties: true });

const unknownOutcomes: [string, Fault["effect"]][] = [
  ["503 although saved", { kind: "committed-error", status: 503 }],
  ["503, not saved", { kind: "status", status: 503 }],
  ["502", { kind: "status", status: 502, body: "<html>Bad Gateway</html>" }],
  ["504", { kind: "status", status: 504 }],
  ["409", { kind: "status", status: 409, code: "conflict_error" }],
  ["a hang after the save", { kind: "hang", committed: true }],
  ["a hang before the save", { kind: "hang", committed: false }],
  ["a reset after the save", { kind: "reset", committed: true }],
  ["a reset before the save", { kind: "reset", committed: false }],
];

describe("a create is one page", () => {
  for (const [name, effect] of unknownOutcomes)
    it(`after ${name}`, async () => {
      const { notion, standIn, pages } = await start({ timeoutMs: 250 });
      standIn.faults.add({ route: CREATE, times: 1, effect });
      const made = await notion.followUps.createTask(taskFor(), { key: "t" });
      expect(standIn.rows("Tasks").map((row) => row.id)).toEqual([made.id]);
      expect(pages.get("t")?.pageId).toBe(made.id);
      expect(await notion.followUps.createTask(taskFor(), { key: "t" })).toMatchObject({ id: made.id });
      expect(standIn.rows("Tasks")).toHaveLength(1);
    });

  it("when queries lag behind writes", async () => {
    const { notion, standIn } = await start();
    standIn.queryLagMs = 6000;
    standIn.faults.add({ route: CREATE, times: 1, effect: { kind: "reset", committed: true } });
    await notion.followUps.createTask(taskFor(), { key: "t" });
    expect(standIn.rows("Tasks")).toHaveLength(1);
  });

  it("when the process dies between the request and its answer", async () => {
    const { notion, standIn, restart } = await start({ timeoutMs: 250 });
    standIn.faults.add({ route: CREATE, times: 1, effect: { kind: "hang", committed: true } });
    standIn.faults.add({ route: QUERY, effect: { kind: "status", status: 503 } });
    await expect(notion.followUps.createTask(taskFor(), { key: "t" })).rejects.toMatchObject({
      code: "notion_unavailable",
      retryable: true,
    });
    standIn.faults.clear();
    await restart().followUps.createTask(taskFor(), { key: "t" });
    expect(standIn.rows("Tasks")).toHaveLength(1);
  });

  it("when the store was lost and the page is suspected to exist", async () => {
    const { notion, standIn, restart, routesOf } = await start();
    const made = await notion.followUps.createTask(taskFor(), { key: "t" });
    const again = restart("lost");
    await again.connect();
    const routes = await routesOf(async () => {
      expect(await again.followUps.createTask(taskFor(), { key: "t", suspect: true })).toMatchObject({
        id: made.id,
      });
    });
    expect(routes).toEqual([QUERY]);
    expect(standIn.rows("Tasks")).toHaveLength(1);
  });

  it("in a workspace without Key, told apart by title, links and time", async () => {
    const { notion, standIn } = await start({ seed: legacy() });
    const [one, two] = standIn.rows("System Inbox");
    await notion.followUps.createTask(taskFor({ itemId: one?.id ?? "" }), { key: "t1" });
    standIn.faults.add({ route: CREATE, times: 1, effect: { kind: "reset", committed: true } });
    await notion.followUps.createTask(taskFor({ itemId: two?.id ?? "" }), { key: "t2" });
    expect(standIn.rows("Tasks").map((row) => cell(row, "DB_System_Inbox"))).toEqual([[one?.id], [two?.id]]);
  });

  it("or an error that may be tried again, when Notion stays away", async () => {
    const { notion, standIn } = await start();
    standIn.faults.add({ route: CREATE, effect: { kind: "status", status: 503 } });
    await expect(notion.followUps.createTask(taskFor(), { key: "t" })).rejects.toMatchObject({
      code: "notion_outcome_unknown",
      retryable: true,
      message: expect.stringMatching(/: 503 service_unavailable: .*later, request \S+$/),
    });
    standIn.faults.clear();
    await notion.followUps.createTask(taskFor(), { key: "t" });
    expect(standIn.rows("Tasks")).toHaveLength(1);
  });

  it("with all of a text that several requests carry, even when one of them is lost", async () => {
    const { notion, standIn } = await start();
    const reason = `${"long ".repeat(90_000)}end`;
    standIn.faults.add({
      route: "PATCH /v1/blocks/:id/children",
      times: 1,
      effect: { kind: "reset", committed: true },
    });
    const log = await notion.records.createLog({ ...logFor(null), action: reason }, { key: "l" });
    const answer = await fetch(`${standIn.url}/v1/blocks/${log.id}/children`, {
      headers: { authorization: `Bearer ${standIn.token}`, "notion-version": "2026-03-11" },
    });
    const { results } = (await answer.json()) as {
      results: { code: { rich_text: { plain_text: string }[] } }[];
    };
    const body = results.map((block) => block.code.rich_text.map((run) => run.plain_text).join("")).join("");
    expect(`${cell(standIn.rows("Execution Log")[0], "Action_Taken")}${body}`).toBe(reason);
  });
});

describe("the gateway", () => {
  it("pauses everybody for the whole Retry-After and tries again", async () => {
    const { notion, standIn, pauses, observed } = await start();
    standIn.faults.add({
      route: CREATE,
      times: 1,
      effect: { kind: "status", status: 429, code: "rate_limited", retryAfterSeconds: 95 },
    });
    standIn.faults.add({
      route: SET,
      times: 1,
      effect: { kind: "status", status: 529, code: "service_overload" },
    });
    observed.length = 0;
    const task = await notion.followUps.createTask(taskFor(), { key: "t" });
    expect(pauses).toEqual([95_000]);
    expect(observed.map(({ route, status, attempt }) => [route, status, attempt])).toEqual([
      [CREATE, 429, 1],
      [CREATE, 200, 2],
    ]);
    await notion.decisions.linkCard(task.id, "https://x.slack.com").catch(() => undefined);
    expect(pauses).toHaveLength(2);
    expect(standIn.rows("Tasks")).toHaveLength(1);
  });

  it("does not repeat what Notion has blocked", async () => {
    const { notion, standIn, pauses } = await start();
    standIn.faults.add({
      route: CREATE,
      effect: {
        kind: "status",
        status: 429,
        body: {
          object: "error",
          status: 429,
          code: "rate_limited",
          message: "Blocked.",
          additional_data: { rate_limit_reason: "public_api_request_blocked" },
        },
      },
    });
    await expect(notion.followUps.createTask(taskFor(), { key: "t" })).rejects.toMatchObject({
      code: "notion_rate_limited",
      retryable: false,
    });
    expect(pauses).toEqual([]);
  });

  for (const status of [409, 500, 502, 503, 504])
    it(`repeats reads and sets after ${status}`, async () => {
      const { notion, standIn } = await start();
      standIn.faults.add({ route: QUERY, times: 2, effect: { kind: "status", status } });
      const [item] = await notion.inbox.waiting();
      standIn.faults.add({ route: SET, times: 2, effect: { kind: "status", status } });
      expect(await notion.inbox.claim(item?.id ?? "", 2)).toMatchObject({ id: item?.id });
    });

  it("repeats reads that hang or break off, and gives up with an error that may be tried again", async () => {
    const { notion, standIn } = await start({ timeoutMs: 200 });
    standIn.faults.add({ route: QUERY, times: 1, effect: { kind: "hang", committed: false } });
    standIn.faults.add({ route: QUERY, times: 1, effect: { kind: "reset", committed: false } });
    standIn.faults.add({ route: QUERY, times: 1, effect: { kind: "garbage", body: "{oops" } });
    expect((await notion.inbox.waiting()).length).toBeGreaterThan(0);
    standIn.faults.add({ route: QUERY, effect: { kind: "status", status: 503 } });
    await expect(notion.inbox.waiting()).rejects.toMatchObject({
      code: "notion_unavailable",
      retryable: true,
    });
  });

  it("reads a page again when it was saved but not answered", async () => {
    const { notion, standIn } = await start();
    const [item] = await notion.inbox.waiting();
    standIn.faults.add({ route: SET, times: 1, effect: { kind: "committed-error", status: 503 } });
    const claimed = await notion.inbox.claim(item?.id ?? "", 1);
    expect(claimed.title).not.toBe("");
    expect(cell(rowNamed(standIn, "System Inbox", claimed.title), "Status")).toBe("Processing");
  });

  const refusals: [number, object, string][] = [
    [401, { code: "unauthorized" }, "notion_unauthorized"],
    [403, { code: "restricted_resource" }, "notion_unauthorized"],
    [
      403,
      { code: "restricted_resource", additional_data: { block_limit: "block_creation" } },
      "notion_block_limit",
    ],
    [404, { code: "object_not_found" }, "notion_not_found"],
    [400, { code: "missing_version" }, "notion_invalid"],
    [409, { code: "row_limit_exceeded" }, "notion_block_limit"],
  ];
  for (const [status, body, code] of refusals)
    it(`says ${code} for ${JSON.stringify(body)}, at once`, async () => {
      const { notion, standIn, routesOf } = await start();
      const answer = { object: "error", status, message: 'Value is `"secret text"`.', ...body };
      standIn.faults.add({ route: CREATE, effect: { kind: "status", status, body: answer } });
      const routes = await routesOf(async () => {
        const refused = notion.followUps.createTask(taskFor(), { key: "t" });
        await expect(refused).rejects.toMatchObject({ code, retryable: false });
        await expect(refused).rejects.not.toThrow(/secret text/);
      });
      expect(routes).toEqual([CREATE]);
    });
});

describe("nodes", () => {
  it("are reused exactly, then by closeness, and made only when new", async () => {
    const { notion, standIn, routesOf } = await start();
    const before = standIn.rows("Nodes").length;
    const routes = await routesOf(async () => {
      const found = await notion.catalogue.nodes(
        [
          "northwind  LOGISTICS",
          "Customer interviews Q4",
          "Customer  interviews q3",
          "Fabrikam",
          "FABRIKAM",
        ].map(concept),
        {},
      );
      expect(found.map((node) => node.name)).toEqual([
        "Northwind Logistics",
        "Customer interviews Q4",
        "Customer interviews Q3",
        "Fabrikam",
        "Fabrikam",
      ]);
    });
    expect(routes).toEqual([QUERY, CREATE, CREATE]);
    expect(standIn.rows("Nodes")).toHaveLength(before + 2);
    const [close] = await notion.catalogue.nodes([concept("Customer interview Q3")], {});
    expect(close?.name).toBe("Customer interviews Q3");
  });

  it("typed in by a person meanwhile are found with the same one query", async () => {
    const { notion, standIn, routesOf, advance } = await start();
    advance(7 * 3_600_000);
    const user = standIn.users[0]?.id ?? "";
    const typed = standIn.create({ user, database: "Nodes", values: { Name: "Adventure Works" } });
    const routes = await routesOf(async () => {
      const [node] = await notion.catalogue.nodes([concept("Adventure Works")], {});
      expect(node?.id).toBe(typed.id);
    });
    expect(routes).toEqual([QUERY]);
  });

  it("thrown away are not reused, neither from memory nor from the ledger", async () => {
    const { notion, standIn, advance, restart } = await start();
    const [made] = await notion.catalogue.nodes([concept("Fabrikam")], {});
    standIn.trash(made?.id ?? "");
    advance(3_600_000);
    const [again] = await notion.catalogue.nodes([concept("Fabrikam")], {});
    expect(again?.id).not.toBe(made?.id);
    expect(standIn.rows("Nodes").filter((row) => titleOf(row) === "Fabrikam")).toHaveLength(1);
    advance(3_600_000);
    const [kept] = await restart().catalogue.nodes([concept("Fabrikam")], {});
    expect(kept?.id).toBe(again?.id);
  });

  it("just made are trusted while queries lag, by every replica", async () => {
    const { notion, standIn, restart } = await start();
    standIn.queryLagMs = 60_000;
    const other = restart();
    const [first] = await notion.catalogue.nodes([concept("Fabrikam")], {});
    const [second] = await notion.catalogue.nodes([concept("fabrikam")], {});
    const [third] = await other.catalogue.nodes([concept("Fabrikam")], {});
    expect([second?.id, third?.id]).toEqual([first?.id, first?.id]);
    expect(standIn.rows("Nodes").filter((row) => titleOf(row) === "Fabrikam")).toHaveLength(1);
  });

  it("beyond 100 are all known", async () => {
    const { standIn, restart } = await start();
    const user = standIn.users[0]?.id ?? "";
    for (let n = 0; n < 250; n++)
      standIn.create({ user, database: "Nodes", values: { Name: `Supplier number ${n}` } });
    const [node] = await restart().catalogue.nodes([concept("supplier number 249")], {});
    expect(node?.name).toBe("Supplier number 249");
  });

  it("are read once, also when an item comes while they are read", async () => {
    const { standIn, restart, routesOf } = await start();
    const user = standIn.users[0]?.id ?? "";
    for (let n = 0; n < 550; n++)
      standIn.create({ user, database: "Nodes", values: { Name: `Supplier number ${n}` } });
    const queries = async (run: () => Promise<unknown>) =>
      (await routesOf(run)).filter((route) => route === QUERY).length;
    const alone = await queries(() => restart("lost").connect());
    const both = await queries(async () => {
      const { connect, catalogue } = restart("lost");
      await Promise.all([connect(), catalogue.nodes([concept("Supplier number 549")], {})]);
    });
    expect(both - alone).toBeLessThanOrEqual(1);
  });

  it("are kept: a start reads what changed since, and what is used is still there", async () => {
    const { standIn, restart, routesOf, advance } = await start();
    const user = standIn.users[0]?.id ?? "";
    const put = (name: string) => standIn.create({ user, database: "Nodes", values: { Name: name } });
    const [gone, renamed, ...rest] = Array.from({ length: 550 }, (_, n) => put(`Supplier number ${n}`));
    const first = await routesOf(() => restart().connect());
    advance(3 * 24 * 3_600_000);
    await restart().connect();
    advance(3 * 24 * 3_600_000);
    standIn.trash(gone?.id ?? "");
    standIn.edit({ user, pageId: renamed?.id ?? "", values: { Name: "Adventure Works of Leeds" } });
    const { connect, catalogue } = restart();
    expect((await routesOf(connect)).length).toBe(first.length - 5);
    const names = ["Supplier number 0", "Adventure Work of Leeds", "supplier number 549"];
    const routes = await routesOf(async () => {
      const [made, ...found] = await catalogue.nodes(names.map(concept), {});
      expect(found.map(({ id }) => id)).toEqual([renamed?.id, rest.at(-1)?.id]);
      expect([gone?.id, ...rest.map(({ id }) => id)]).not.toContain(made?.id);
    });
    expect(routes).toEqual([QUERY, "GET /v1/pages/:id", CREATE]);
  });

  it("are read anew when it did not come to the end, or by a clock that was ahead", async () => {
    const { standIn, restart, advance } = await start({ connect: false });
    const user = standIn.users[0]?.id ?? "";
    const put = (name: string) => standIn.create({ user, database: "Nodes", values: { Name: name } }).id;
    const ids = Array.from({ length: 250 }, (_, n) => put(`Supplier number ${n}`));
    advance(3 * 24 * 3_600_000);
    standIn.faults.add({ route: QUERY, after: 1, effect: { kind: "status", status: 400 } });
    await expect(restart().catalogue.nodes([concept("Fabrikam")], {})).rejects.toThrow();
    standIn.faults.clear();
    const [last] = await restart().catalogue.nodes([concept("Supplier nummber 249")], {});
    expect(last?.id).toBe(ids.at(-1));
    advance(9 * 24 * 3_600_000);
    await restart().connect();
    advance(-4 * 24 * 3_600_000);
    const typed = put("Adventure Works of Leeds");
    const [found] = await restart().catalogue.nodes([concept("Adventure Work of Leeds")], {});
    expect(found?.id).toBe(typed);
  });

  it("imported in one minute, more than Notion lists, are asked for by name, and the rest is known", async () => {
    const { standIn, restart, advance } = await start({ queryResultLimit: 30 });
    const user = standIn.users[0]?.id ?? "";
    const put = (name: string) => standIn.create({ user, database: "Nodes", values: { Name: name } }).id;
    const names = Array.from({ length: 80 }, (_, n) => `Imported supplier ${n}`);
    const ids = names.map(put);
    advance(120_000);
    const later = put("Customer interviews 2031");
    const { catalogue } = restart();
    for (let n = 0; n < names.length; n += 20) {
      const found = await catalogue.nodes(names.slice(n, n + 20).map(concept), {});
      expect(found.map(({ id }) => id)).toEqual(ids.slice(n, n + 20));
    }
    const [close] = await catalogue.nodes([concept("customer interview 2031")], {});
    expect(close?.id).toBe(later);
  });
});

describe("more than 25 links", () => {
  it("are written in one request", async () => {
    const { notion, standIn, routesOf } = await start();
    const user = standIn.users[0]?.id ?? "";
    const ids = Array.from({ length: 60 }, (_, n) => {
      return standIn.create({ user, database: "Nodes", values: { Name: `N${n}` } }).id;
    });
    const item = standIn.rows("System Inbox")[0]?.id ?? "";
    const routes = await routesOf(() =>
      notion.decisions.createIntent(intentFor(item, { nodeIds: ids }), { key: "i" }),
    );
    expect(routes).toEqual([CREATE]);
    expect(cell(standIn.rows("Executive Intents")[0], "Related_Nodes")).toEqual(ids);
  });
});
