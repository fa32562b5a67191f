import { Client } from "@notionhq/client";
import { afterEach, describe, expect, test } from "vitest";
import { addNode, closeStandIns, database, errorOf, full, setUp, text } from "./notion-stand-in-setup.ts";

afterEach(closeStandIns);

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
      "gale@contractor.example",
      "robin@partner.example",
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
