import { afterEach, describe, expect, test } from "vitest";
import { addNode, closeStandIns, errorOf, full, setUp, text } from "./notion-stand-in-setup.ts";

afterEach(closeStandIns);

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
