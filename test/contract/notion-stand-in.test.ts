import { APIResponseError, Client, UnknownHTTPResponseError } from "@notionhq/client";
import { afterEach, describe, expect, test } from "vitest";
import { createNotionStandIn } from "../../src/sandbox/notion/notion-stand-in.ts";
import { createWorkspaceSeed } from "../../src/sandbox/notion/workspace-seed.ts";
import type { NotionStandIn } from "../../src/sandbox/stand-ins.ts";

const open: NotionStandIn[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((standIn) => standIn.close()));
});

interface Setup {
  notion: NotionStandIn;
  client: Client;
  warnings: string[];
  source: (title: string) => string;
}

async function setUp(options: { now?: () => number; queryResultLimit?: number } = {}): Promise<Setup> {
  const notion = await createNotionStandIn({ seed: createWorkspaceSeed(), ...options });
  open.push(notion);
  const warnings: string[] = [];
  const client = new Client({
    auth: notion.token,
    baseUrl: notion.url,
    notionVersion: "2026-03-11",
    retry: false,
    timeoutMs: 5_000,
    logger: (_level, message) => warnings.push(message),
  });
  return { notion, client, warnings, source: (title) => database(notion, title).dataSourceId };
}

function database(notion: NotionStandIn, title: string) {
  const found = notion.databases().find((candidate) => candidate.title === title);
  if (!found) throw new Error(`no database ${title}`);
  return found;
}

const text = (content: string) => [{ text: { content } }];

async function errorOf(promise: Promise<unknown>): Promise<APIResponseError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!APIResponseError.isAPIResponseError(error)) throw new Error(`not an API error: ${String(error)}`);
  return error;
}

function addNode(setup: Setup, name: string, more: Record<string, never> = {}) {
  return setup.client.pages.create({
    parent: { type: "data_source_id", data_source_id: setup.source("Nodes") },
    properties: { Name: { title: text(name) }, ...more },
  });
}

function full<T extends object>(page: T): T & { properties: Record<string, never>; created_time: string } {
  return page as T & { properties: Record<string, never>; created_time: string };
}

describe("schema errors", () => {
  test("a value of another type than the property's names the type it should have", async () => {
    const { client, source, notion } = await setUp();
    const before = notion.rows("Tasks").length;
    const error = await errorOf(
      client.pages.create({
        parent: { data_source_id: source("Tasks") },
        properties: { Name: { title: text("x") }, "Auto Generated": { number: 1 } },
      }),
    );
    expect(error).toMatchObject({ status: 400, code: "validation_error" });
    expect(error.message).toContain("Auto Generated is expected to be checkbox.");
    expect(notion.rows("Tasks")).toHaveLength(before);
  });

  test("an unknown property refuses the whole request, and nothing of it is saved", async () => {
    const { client, notion } = await setUp();
    const item = notion.rows("System Inbox")[0];
    const error = await errorOf(
      client.pages.update({
        page_id: item?.id ?? "",
        properties: {
          Attempts: { number: 2 },
          Colour: { number: 1 },
          Status: { select: { name: "Brand new" } },
        },
      }),
    );
    expect(error.message).toBe("Colour is not a property that exists.");
    expect(notion.rows("System Inbox")[0]?.properties["Attempts"]).toMatchObject({ number: null });
    expect(JSON.stringify(database(notion, "System Inbox").properties["Status"])).not.toContain("Brand new");
  });

  test("an unknown status is refused, an unknown select option is made, one with a comma is refused", async () => {
    const setup = await setUp();
    const { client, source, notion } = setup;
    const status = await errorOf(
      client.pages.create({
        parent: { data_source_id: source("Tasks") },
        properties: { Name: { title: text("x") }, Status: { status: { name: "Blocked" } } },
      }),
    );
    expect(status.message).toBe('Invalid status option. Status option "Blocked" does not exist".');
    const comma = await errorOf(
      client.pages.create({
        parent: { data_source_id: source("Nodes") },
        properties: { Name: { title: text("x") }, Node_Type: { select: { name: "High, really" } } },
      }),
    );
    expect(comma.message).toBe("Invalid select option, commas not allowed: High, really");
    await client.pages.create({
      parent: { data_source_id: source("Nodes") },
      properties: { Name: { title: text("x") }, Node_Type: { select: { name: "Entity_Place" } } },
    });
    expect(JSON.stringify(database(notion, "Nodes").properties["Node_Type"])).toContain("Entity_Place");
  });

  test("2000 UTF-16 units fit in a text, 2001 do not", async () => {
    const setup = await setUp();
    await addNode(setup, "😀".repeat(1000));
    const error = await errorOf(addNode(setup, `${"😀".repeat(1000)}x`));
    expect(error.message).toBe(
      "body failed validation: body.properties.Name.title[0].text.content.length should be ≤ `2000`, instead was `2001`.",
    );
  });

  test("100 texts fit in a property, 101 do not", async () => {
    const { client, source } = await setUp();
    const create = (count: number) =>
      client.pages.create({
        parent: { data_source_id: source("Nodes") },
        properties: {
          Name: { title: text("x") },
          Content: { rich_text: Array.from({ length: count }, () => ({ text: { content: "y" } })) },
        },
      });
    await create(100);
    expect((await errorOf(create(101))).message).toContain(
      "body.properties.Content.rich_text.length should be ≤ `100`, instead was `101`",
    );
  });

  test("a request of more than 500 KB is refused", async () => {
    const { client, source } = await setUp();
    const big = Array.from({ length: 100 }, () => ({ text: { content: "あ".repeat(2000) } }));
    const error = await errorOf(
      client.pages.create({
        parent: { data_source_id: source("Nodes") },
        properties: { Name: { title: text("x") }, Content: { rich_text: big } },
      }),
    );
    expect(error).toMatchObject({ status: 400, code: "validation_error" });
  });

  test("a relation to a page that does not exist is refused", async () => {
    const { client, source } = await setUp();
    const error = await errorOf(
      client.pages.create({
        parent: { data_source_id: source("Tasks") },
        properties: {
          Name: { title: text("x") },
          Area: { relation: [{ id: "00000000-0000-4000-8000-000000000000" }] },
        },
      }),
    );
    expect(error.status).toBe(404);
  });

  test("created_time cannot be written, archived is gone, and in_trash blocks further edits", async () => {
    const setup = await setUp();
    const page = await addNode(setup, "Old");
    const archived = await errorOf(
      setup.client.request({ path: `pages/${page.id}`, method: "patch", body: { archived: true } }),
    );
    expect(archived.message).toContain("body.archived should be not present");
    await setup.client.pages.update({ page_id: page.id, in_trash: true });
    const edit = await errorOf(
      setup.client.pages.update({ page_id: page.id, properties: { Name: { title: text("New") } } }),
    );
    expect(edit.message).toBe(
      "Can't edit block that is archived. You must unarchive the block before editing.",
    );
    expect(await setup.client.pages.retrieve({ page_id: page.id })).toMatchObject({ in_trash: true });
  });
});

describe("requests", () => {
  test("a bad token, a missing version, an unknown path and a bad id get Notion's own errors", async () => {
    const { notion, client } = await setUp();
    const stranger = new Client({ auth: "ntn_wrong", baseUrl: notion.url, retry: false, logger: () => {} });
    expect(await errorOf(stranger.users.me({}))).toMatchObject({
      status: 401,
      message: "API token is invalid.",
    });
    const bare = await fetch(`${notion.url}/v1/users/me`, {
      headers: { authorization: `Bearer ${notion.token}` },
    });
    expect(await bare.json()).toMatchObject({ status: 400, code: "missing_version" });
    const unknown = await errorOf(client.request({ path: "nothing", method: "get" }));
    expect(unknown).toMatchObject({ code: "invalid_request_url", message: "Invalid request URL." });
    const badId = await errorOf(client.pages.retrieve({ page_id: "AAA" }));
    expect(badId.message).toBe(
      'path failed validation: path.page_id should be a valid uuid, instead was `"AAA"`.',
    );
  });

  test("the ids of a database and of its data source are not interchangeable", async () => {
    const { client, notion } = await setUp();
    const tasks = database(notion, "Tasks");
    const container = await client.databases.retrieve({ database_id: tasks.id.replaceAll("-", "") });
    expect(container).toMatchObject({
      id: tasks.id,
      data_sources: [{ id: tasks.dataSourceId, name: "Tasks" }],
    });
    const error = await errorOf(client.dataSources.query({ data_source_id: tasks.id }));
    expect(error).toMatchObject({ status: 404, code: "object_not_found" });
    expect(error.message).toContain(`Could not find data_source with ID: ${tasks.id}.`);
  });

  test("every answer has a request id, and a call is recorded under its route", async () => {
    const { client, notion } = await setUp();
    const me = await client.users.me({});
    expect(me).toMatchObject({ type: "bot", request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(notion.calls.at(-1)).toMatchObject({ route: "GET /v1/users/me", status: 200 });
    const people = await client.users.list({});
    expect(people.results.map((user) => (user.type === "person" ? user.person.email : user.type))).toEqual([
      "dana@acme.example",
      "sam@acme.example",
      "lee@acme.example",
      "bot",
    ]);
  });
});

describe("pages", () => {
  test("a new page lists every property of the schema, with times cut to the minute", async () => {
    const at = Date.parse("2026-11-20T10:20:45.678Z");
    const { client, source } = await setUp({ now: () => at });
    const page = await client.pages.create({
      parent: { data_source_id: source("Tasks") },
      properties: { Name: { title: text("Call Northwind") } },
    });
    expect(page).toMatchObject({
      object: "page",
      created_time: "2026-11-20T10:20:00.000Z",
      in_trash: false,
      parent: { type: "data_source_id", data_source_id: source("Tasks") },
      properties: {
        Name: { id: "title" },
        Status: { status: { name: "Not started" } },
        "Auto Generated": { checkbox: false },
        Area: { relation: [], has_more: false },
        Key: { rich_text: [] },
      },
    });
    expect(page).not.toHaveProperty("archived");
    expect(Object.keys(full(page).properties)).toHaveLength(8);
  });

  test("a property can be written under its id, encoded or not", async () => {
    const setup = await setUp();
    const content = database(setup.notion, "Nodes").properties["Content"];
    const page = await addNode(setup, "By id");
    for (const key of [content?.id ?? "", decodeURIComponent(content?.id ?? "")]) {
      await setup.client.pages.update({ page_id: page.id, properties: { [key]: { rich_text: text(key) } } });
      const read = await setup.client.pages.retrieve({ page_id: page.id });
      expect(JSON.stringify(full(read).properties["Content"])).toContain(JSON.stringify(key).slice(1, -1));
    }
  });

  test("a dropped text boundary does not change the text", async () => {
    const { client, source } = await setUp();
    const long = `${"a".repeat(1999)}😀${"b".repeat(3000)}`;
    const chunks = [long.slice(0, 1999), long.slice(1999, 3000), long.slice(3000, 5000), long.slice(5000)];
    const page = await client.pages.create({
      parent: { data_source_id: source("Nodes") },
      properties: {
        Name: { title: text("Long") },
        Content: { rich_text: chunks.map((content) => ({ text: { content } })) },
      },
    });
    const { rich_text: runs } = full(page).properties["Content"] as unknown as {
      rich_text: { plain_text: string }[];
    };
    expect(runs.map((run) => run.plain_text).join("")).toBe(long);
    expect(runs.map((run) => run.plain_text)).not.toEqual(chunks);
  });

  test("a time of a date property loses its seconds", async () => {
    const { client, source } = await setUp();
    const page = await client.pages.create({
      parent: { data_source_id: source("Execution Log") },
      properties: {
        Log_Entry_Title: { title: text("x") },
        Decision_Date: { date: { start: "2026-11-20T10:20:45.678Z" } },
      },
    });
    expect(full(page).properties["Decision_Date"]).toMatchObject({
      date: { start: "2026-11-20T10:20:00.000+00:00" },
    });
  });

  test("an edit by a person and one by the bot are told apart", async () => {
    const { client, notion } = await setUp();
    const changes: number[] = [];
    const stop = notion.onChange(() => changes.push(1));
    const [dana] = notion.users;
    const row = notion.create({ user: dana?.id ?? "", database: "Nodes", values: { Name: "Typed by hand" } });
    expect(await client.pages.retrieve({ page_id: row.id })).toMatchObject({
      last_edited_by: { id: dana?.id },
    });
    const bot = await client.users.me({});
    expect(
      await client.pages.update({ page_id: row.id, properties: { Name: { title: text("By the bot") } } }),
    ).toMatchObject({ created_by: { id: dana?.id }, last_edited_by: { id: bot.id } });
    expect(changes).toHaveLength(2);
    stop();
    notion.edit({ user: "sam@acme.example", pageId: row.id, values: { Node_Type: "Entity_Person" } });
    expect(changes).toHaveLength(2);
    notion.trash(row.id);
    expect(notion.rows("Nodes").some((candidate) => candidate.id === row.id)).toBe(false);
  });
});

describe("relations", () => {
  test("a two-way relation is kept on both sides", async () => {
    const { client, source, notion } = await setUp();
    const intent = await client.pages.create({
      parent: { data_source_id: source("Executive Intents") },
      properties: { Name: { title: text("Germany") } },
    });
    const task = await client.pages.create({
      parent: { data_source_id: source("Tasks") },
      properties: { Name: { title: text("Call") }, "Source Intent": { relation: [{ id: intent.id }] } },
    });
    const spawned = () => notion.rows("Executive Intents")[0]?.properties["✅ Spawned tasks"];
    expect(spawned()).toMatchObject({ relation: [{ id: task.id }] });
    await client.pages.update({ page_id: intent.id, properties: { "✅ Spawned tasks": { relation: [] } } });
    expect(spawned()).toMatchObject({ relation: [] });
    expect(await client.pages.retrieve({ page_id: task.id })).toMatchObject({
      properties: { "Source Intent": { relation: [] } },
    });
  });

  test("a page shows 25 related pages, the property endpoint shows the rest", async () => {
    const { client, source, notion } = await setUp();
    const [dana] = notion.users;
    const nodes = Array.from({ length: 30 }, (_, index) =>
      notion.create({ user: dana?.id ?? "", database: "Nodes", values: { Name: `Node ${index}` } }),
    );
    const intent = await client.pages.create({
      parent: { data_source_id: source("Executive Intents") },
      properties: {
        Name: { title: text("Hub") },
        Related_Nodes: { relation: nodes.map(({ id }) => ({ id })) },
      },
    });
    const related = full(intent).properties["Related_Nodes"] as unknown as {
      id: string;
      relation: unknown[];
    };
    expect(related).toMatchObject({ has_more: true });
    expect(related.relation).toHaveLength(25);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const list = await client.pages.properties.retrieve({
        page_id: intent.id,
        property_id: related.id,
        page_size: 20,
        ...(cursor ? { start_cursor: cursor } : {}),
      });
      if (list.object !== "list") throw new Error("not a list");
      ids.push(...list.results.map((item) => (item.type === "relation" ? item.relation.id : "")));
      cursor = list.next_cursor ?? undefined;
    } while (cursor);
    expect(ids).toEqual(nodes.map(({ id }) => id));
  });

  test("101 related pages in one request are refused", async () => {
    const { client, source, notion } = await setUp();
    const id = notion.rows("Areas")[0]?.id ?? "";
    const error = await errorOf(
      client.pages.create({
        parent: { data_source_id: source("Tasks") },
        properties: {
          Name: { title: text("x") },
          Area: { relation: Array.from({ length: 101 }, () => ({ id })) },
        },
      }),
    );
    expect(error.message).toContain("body.properties.Area.relation.length should be ≤ `100`");
  });
});

describe("queries", () => {
  const names = (list: { results: object[] }, property = "Name") =>
    list.results.map((page) => {
      const title = full(page).properties[property] as unknown as { title: { plain_text: string }[] };
      return title.title.map((run) => run.plain_text).join("");
    });

  test("a select filter takes several names, and knows no others", async () => {
    const { client, source, notion } = await setUp();
    const [first] = notion.rows("System Inbox");
    notion.edit({ user: "lee@acme.example", pageId: first?.id ?? "", values: { Status: null } });
    const waiting = await client.dataSources.query({
      data_source_id: source("System Inbox"),
      filter: {
        or: [
          { property: "Status", select: { equals: ["Unprocessed", "Processing"] } },
          { property: "Status", select: { is_empty: true } },
        ],
      },
    });
    expect(waiting).toMatchObject({ object: "list", type: "page_or_data_source", next_cursor: null });
    expect(waiting.results).toHaveLength(4);
    const error = await errorOf(
      client.dataSources.query({
        data_source_id: source("System Inbox"),
        filter: { property: "Status", select: { equals: "Waiting" } },
      }),
    );
    expect(error.message).toContain('select option "Waiting" not found for property "Status"');
  });

  test("filters on text, number, checkbox, date, relation and times find what fits", async () => {
    const { client, source, notion } = await setUp();
    const inbox = source("System Inbox");
    const query = async (filter: object) =>
      names(
        await client.request<{ results: object[] }>({
          path: `data_sources/${inbox}/query`,
          method: "post",
          body: { filter, sorts: [{ property: "Inbox_ID", direction: "ascending" }] } as never,
        }),
        "Input_Title",
      ).length;
    expect(await query({ property: "Input_Title", title: { contains: "german" } })).toBe(1);
    expect(await query({ property: "Content", rich_text: { starts_with: "Contract" } })).toBe(1);
    expect(await query({ property: "Inbox_ID", number: { greater_than: 2 } })).toBe(2);
    expect(await query({ property: "Received_Date", date: { on_or_after: "2026-11-17" } })).toBe(3);
    expect(await query({ property: "Attempts", number: { is_empty: true } })).toBe(4);
    expect(await query({ property: "Related_Nodes", relation: { is_not_empty: true } })).toBe(0);
    expect(
      await query({
        timestamp: "last_edited_time",
        last_edited_time: { on_or_after: new Date().toISOString() },
      }),
    ).toBe(0);
    const [dana] = notion.users;
    expect(
      await query({ timestamp: "created_time", created_time: { before: new Date().toISOString() } }),
    ).toBe(4);
    expect(dana?.name).toBe("Dana Reyes");
    const active = await client.dataSources.query({
      data_source_id: source("Agent Registry"),
      filter: { property: "Active", checkbox: { equals: true } },
      sorts: [{ property: "Agent_Name", direction: "descending" }],
    });
    expect(names(active, "Agent_Name")).toEqual(["The Quant", "The Entrepreneur"]);
  });

  test("a filter of the wrong type, on an unknown property, or three levels deep is refused", async () => {
    const { client, source } = await setUp();
    const query = (filter: object) =>
      errorOf(
        client.request({
          path: `data_sources/${source("System Inbox")}/query`,
          method: "post",
          body: { filter } as never,
        }),
      );
    expect((await query({ property: "Inbox_ID", rich_text: { equals: "1" } })).message).toBe(
      "The property type in the database does not match the property type of the filter provided: database property number does not match filter rich_text",
    );
    expect((await query({ property: "Colour", number: { equals: 1 } })).message).toBe(
      "Could not find property with name or id: Colour",
    );
    const leaf = { property: "Inbox_ID", number: { equals: 1 } };
    expect((await query({ and: [{ or: [{ and: [leaf] }] }] })).message).toContain("should be not present");
    const sort = await errorOf(
      client.dataSources.query({
        data_source_id: source("System Inbox"),
        sorts: [{ property: "Colour", direction: "ascending" }],
      }),
    );
    expect(sort.message).toBe("Could not find sort property with name or id: Colour");
  });

  test("pages follow one another by an opaque cursor, which dies with the row it points at", async () => {
    const { client, source, notion } = await setUp();
    const query = (cursor?: string) =>
      client.dataSources.query({
        data_source_id: source("Nodes"),
        sorts: [{ property: "Name", direction: "ascending" }],
        page_size: 3,
        ...(cursor ? { start_cursor: cursor } : {}),
      });
    const first = await query();
    const second = await query(first.next_cursor ?? "");
    const third = await query(second.next_cursor ?? "");
    expect([first, second, third].map((list) => list.results.length)).toEqual([3, 3, 2]);
    expect(new Set([first, second, third].flatMap((list) => names(list))).size).toBe(8);
    expect(third).toMatchObject({ has_more: false, next_cursor: null });
    notion.trash(second.results[0]?.id ?? "");
    const error = await errorOf(query(first.next_cursor ?? ""));
    expect(error.message).toBe(`The start_cursor provided is invalid: ${first.next_cursor}`);
    const tooMany = await errorOf(
      client.dataSources.query({ data_source_id: source("Nodes"), page_size: 101 }),
    );
    expect(tooMany.message).toContain("body.page_size should be ≤ `100`");
  });

  test("a query that is cut off says so", async () => {
    const { client, source } = await setUp({ queryResultLimit: 5 });
    expect(await client.dataSources.query({ data_source_id: source("Nodes") })).toMatchObject({
      has_more: false,
      request_status: { type: "incomplete", incomplete_reason: "query_result_limit_reached" },
    });
  });

  test("with a lag, a query sees neither a new row nor a change, while retrieve sees both", async () => {
    let at = Date.parse("2026-11-20T10:00:00Z");
    const setup = await setUp({ now: () => at });
    setup.notion.queryLagMs = 5_000;
    const item = setup.notion.rows("System Inbox")[0];
    await setup.client.pages.update({
      page_id: item?.id ?? "",
      properties: { Status: { select: { name: "Processing" } } },
    });
    const node = await addNode(setup, "Fresh");
    const unprocessed = () =>
      setup.client.dataSources.query({
        data_source_id: setup.source("System Inbox"),
        filter: { property: "Status", select: { equals: "Unprocessed" } },
      });
    const fresh = () =>
      setup.client.dataSources.query({
        data_source_id: setup.source("Nodes"),
        filter: { property: "Name", title: { equals: "Fresh" } },
      });
    expect((await unprocessed()).results).toHaveLength(4);
    expect((await fresh()).results).toHaveLength(0);
    expect(await setup.client.pages.retrieve({ page_id: node.id })).toMatchObject({ id: node.id });
    at += 5_000;
    expect((await unprocessed()).results).toHaveLength(3);
    expect((await fresh()).results).toHaveLength(1);
  });
});

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
    const notion = await createNotionStandIn({ seed: createWorkspaceSeed({ withoutNewProperties: true }) });
    open.push(notion);
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
