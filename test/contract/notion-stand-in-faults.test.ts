import { Client, UnknownHTTPResponseError } from "@notionhq/client";
import { afterEach, describe, expect, test } from "vitest";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import { addNode, closeStandIns, database, errorOf, full, setUp, text } from "./notion-stand-in-setup.ts";

afterEach(closeStandIns);

describe("schema changes", () => {
  test("a two-way relation makes its mirror, and missing properties can be added", async () => {
    const { client, source, notion } = await setUp();
    await client.dataSources.update({
      data_source_id: source("Areas"),
      properties: {
        Owner: { people: {} },
        Budget: {
          relation: {
            data_source_id: source("Projects"),
            dual_property: { synced_property_name: "Budget of" },
          },
        },
      },
    });
    expect(database(notion, "Projects").properties["Budget of"]).toMatchObject({
      type: "relation",
      relation: { type: "dual_property", dual_property: { synced_property_name: "Budget" } },
    });
    expect(database(notion, "Areas").properties["Owner"]).toMatchObject({ type: "people" });
  });

  test("a shortened list of options deletes the others and empties their rows", async () => {
    const { client, source, notion } = await setUp();
    await client.dataSources.update({
      data_source_id: source("System Inbox"),
      properties: { Status: { select: { options: [{ name: "Processing" }] } } },
    });
    expect(notion.rows("System Inbox")[0]?.properties["Status"]).toMatchObject({ select: null });
  });

  test("a renamed property keeps its id and its values", async () => {
    const { client, source, notion } = await setUp();
    const before = database(notion, "Nodes").properties["Content"]?.id;
    await client.dataSources.update({
      data_source_id: source("Nodes"),
      properties: { Content: { name: "Body" } },
    });
    expect(database(notion, "Nodes").properties["Body"]?.id).toBe(before);
    expect(JSON.stringify(notion.rows("Nodes")[0]?.properties["Body"])).toContain("Chief executive");
  });

  test("a database is made under a shared page, with a status property and its default", async () => {
    const { client, notion } = await setUp();
    const [page] = (await client.search({ query: "Executive Mind Matrix" })).results;
    const made = await client.databases.create({
      parent: { type: "page_id", page_id: page?.id ?? "" },
      title: text("Risks"),
      initial_data_source: { properties: { Risk: { title: {} }, State: { status: {} } } },
    });
    const risks = database(notion, "Risks");
    expect(made).toMatchObject({
      object: "database",
      id: risks.id,
      data_sources: [{ id: risks.dataSourceId }],
    });
    const children = await client.blocks.children.list({ block_id: page?.id ?? "" });
    expect(children.results).toHaveLength(11);
    expect(children.results.at(-1)).toMatchObject({
      id: risks.id,
      type: "child_database",
      child_database: { title: "Risks" },
    });
    const row = await client.pages.create({
      parent: { data_source_id: risks.dataSourceId },
      properties: { Risk: { title: text("Fire") } },
    });
    expect(full(row).properties["State"]).toMatchObject({ status: { name: "Not started" } });
  });

  test("the schema of an existing workspace lacks what setup adds", async () => {
    const { notion } = await setUp({ seed: createWorkspaceSeed({ withoutNewProperties: true }) });
    const inbox = database(notion, "System Inbox");
    expect(Object.keys(inbox.properties)).not.toContain("Key");
    expect(JSON.stringify(inbox.properties["Status"])).not.toContain("Failed");
    expect(Object.keys(inbox.properties)).toContain("Auto_Tags");
  });
});

describe("blocks", () => {
  test("children are appended, nested once more, read back and trashed", async () => {
    const setup = await setUp();
    const page = await addNode(setup, "With a body");
    const added = await setup.client.blocks.children.append({
      block_id: page.id,
      children: [
        { paragraph: { rich_text: text("One") } },
        { toggle: { rich_text: text("Two"), children: [{ paragraph: { rich_text: text("Inside") } }] } },
      ],
    });
    const [one, two] = added.results;
    await setup.client.blocks.children.append({
      block_id: page.id,
      children: [{ paragraph: { rich_text: text("Between") } }],
      position: { type: "after_block", after_block: { id: one?.id ?? "" } },
    });
    await setup.client.blocks.delete({ block_id: one?.id ?? "" });
    const list = await setup.client.blocks.children.list({ block_id: page.id });
    expect(list.results).toMatchObject([{ type: "paragraph" }, { id: two?.id, has_children: true }]);
    const tooMany = await errorOf(
      setup.client.blocks.children.append({
        block_id: page.id,
        children: Array.from({ length: 101 }, () => ({ paragraph: { rich_text: [] } })),
      }),
    );
    expect(tooMany.message).toBe(
      "body failed validation: body.children.length should be ≤ `100`, instead was `101`.",
    );
    const after = await errorOf(
      setup.client.request({
        path: `blocks/${page.id}/children`,
        method: "patch",
        body: { children: [], after: two?.id ?? "" },
      }),
    );
    expect(after.message).toContain("body.after should be not present");
  });
});

describe("limits and faults", () => {
  test("the budget of a minute is enforced, and is full again in the next one", async () => {
    let at = Date.parse("2026-11-20T10:00:00Z");
    const { client, notion } = await setUp({ now: () => at });
    notion.requestsPerMinute = 2;
    await client.users.me({});
    at += 45_000;
    await client.users.me({});
    const error = await errorOf(client.users.me({}));
    expect(error).toMatchObject({
      status: 429,
      code: "rate_limited",
      body: expect.stringContaining("public_api_request_rate_limit"),
    });
    expect(new Headers(error.headers as Headers).get("retry-after")).toBe("15");
    at += 15_000;
    await client.users.me({});
    notion.requestsPerMinute = null;
    for (let count = 0; count < 5; count += 1) await client.users.me({});
  });

  test("a committed 503 saves the page and names it", async () => {
    const setup = await setUp();
    setup.notion.faults.add({
      route: "POST /v1/pages",
      times: 1,
      effect: { kind: "committed-error", status: 503 },
    });
    const error = await errorOf(addNode(setup, "Saved all the same"));
    expect(error).toMatchObject({ status: 503, code: "service_unavailable" });
    const { committed_resource_id: id } = error.additional_data as { committed_resource_id?: string };
    expect(await setup.client.pages.retrieve({ page_id: id ?? "" })).toMatchObject({ id });
    await addNode(setup, "The fault is used up");
  });

  test("a lost 503 saves nothing", async () => {
    const setup = await setUp();
    setup.notion.faults.add({ route: /^POST .*pages/, effect: { kind: "status", status: 503 } });
    const before = setup.notion.rows("Nodes").length;
    const error = await errorOf(addNode(setup, "Lost"));
    expect(error.message).toBe("Notion is unavailable, please try again later.");
    expect(error.additional_data ?? {}).toEqual({});
    expect(setup.notion.rows("Nodes")).toHaveLength(before);
    setup.notion.faults.clear();
    await addNode(setup, "Saved");
  });

  test("status faults look like Notion's, after the requests let through first", async () => {
    const { client, notion } = await setUp();
    const fault = async (status: number, more: object = {}) => {
      notion.faults.clear();
      notion.faults.add({ route: "users/me", effect: { kind: "status", status, ...more } });
      return client.users.me({}).then(
        () => null,
        (error: unknown) => error,
      );
    };
    expect(await fault(409)).toMatchObject({ code: "conflict_error" });
    expect(await fault(504)).toMatchObject({ code: "gateway_timeout" });
    expect(await fault(529, { retryAfterSeconds: 7 })).toMatchObject({ code: "service_overload" });
    expect(await fault(429, { retryAfterSeconds: 90 })).toMatchObject({ code: "rate_limited", status: 429 });
    expect(await fault(403, { code: "block_limit" })).toMatchObject({
      code: "restricted_resource",
      additional_data: { block_limit: "block_creation" },
    });
    const page = await fault(502);
    expect(UnknownHTTPResponseError.isUnknownHTTPResponseError(page)).toBe(true);
    notion.faults.clear();
    notion.faults.add({ route: "users/me", after: 1, times: 1, effect: { kind: "status", status: 500 } });
    await client.users.me({});
    expect((await errorOf(client.users.me({}))).status).toBe(500);
    await client.users.me({});
  });

  test.each([
    { kind: "hang" as const, committed: true },
    { kind: "hang" as const, committed: false },
    { kind: "reset" as const, committed: true },
    { kind: "reset" as const, committed: false },
  ])("$kind with committed $committed leaves the client without an answer", async (effect) => {
    const setup = await setUp();
    const { notion } = setup;
    notion.faults.add({ route: "POST /v1/pages", effect });
    const impatient = new Client({
      auth: notion.token,
      baseUrl: notion.url,
      retry: false,
      timeoutMs: 200,
      logger: () => {},
    });
    await expect(addNode({ ...setup, client: impatient }, "Unknown outcome")).rejects.toThrow();
    expect(notion.calls.at(-1)).toMatchObject({ route: "POST /v1/pages", status: 0 });
    const saved = notion.rows("Nodes").some((row) => JSON.stringify(row).includes("Unknown outcome"));
    expect(saved).toBe(effect.committed);
  });

  test("a delayed answer comes later, and latency is added to all", async () => {
    const { client, notion } = await setUp();
    notion.faults.add({ route: "users/me", times: 1, effect: { kind: "delay", ms: 60 } });
    await client.users.me({});
    notion.latencyMs = 40;
    await client.users.me({});
    const [delayed, slow] = notion.calls;
    expect(delayed?.durationMs).toBeGreaterThanOrEqual(58);
    expect(slow?.durationMs).toBeGreaterThanOrEqual(38);
  });
});
