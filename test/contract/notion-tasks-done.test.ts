import { afterEach, describe, expect, it } from "vitest";
import { type Connected, connectNotion, seedWith } from "./notion-fixture.ts";
import { taskFor } from "./notion-samples.ts";

let at: Connected | null = null;
afterEach(async () => {
  await at?.standIn.close();
  at = null;
});

const START = "2026-11-21T09:00:00.000Z";

async function makeTasks({ notion }: Connected, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    ids.push(
      (await notion.followUps.createTask(taskFor({ title: `Task ${index}` }), { key: `t${index}` })).id,
    );
  }
  return ids;
}

/** The Tasks database with another kind of status. */
const withStatus = (options: string[]) =>
  seedWith("Tasks", (db) => ({
    ...db,
    properties: db.properties.map((property) =>
      property.name === "Status" ? { name: "Status", type: "select" as const, options } : property,
    ),
    rows: [],
  }));

describe("tasks that people finished", () => {
  it("are counted with one request: done now, and changed since then", async () => {
    at = await connectNotion();
    const { notion, standIn, routesOf } = at;
    const user = standIn.users[0]?.id ?? "";
    const [first = "", second = ""] = await makeTasks(at, 3);
    standIn.edit({ user, pageId: first, values: { Status: "Done" } });
    at.advance(3_600_000);
    standIn.edit({ user, pageId: second, values: { Status: "Done" } });
    let found: unknown;
    const routes = await routesOf(async () => {
      found = await notion.tasksDoneSince(START);
    });
    expect(routes).toEqual(["POST /v1/data_sources/:id/query"]);
    expect(found).toEqual({ count: 2, isAtLeast: false });
    expect(await notion.tasksDoneSince("2026-11-21T09:30:00.000Z")).toEqual({ count: 1, isAtLeast: false });
    expect(await notion.tasksDoneSince("2026-11-22T00:00:00.000Z")).toEqual({ count: 0, isAtLeast: false });
  });

  it("are found under the usual names where the status is a select", async () => {
    at = await connectNotion({ seed: withStatus(["Not started", "Completed"]) });
    const [first = ""] = await makeTasks(at, 1);
    at.standIn.edit({ user: at.standIn.users[0]?.id ?? "", pageId: first, values: { Status: "Completed" } });
    expect(await at.notion.tasksDoneSince(START)).toEqual({ count: 1, isAtLeast: false });
  });

  it("are not known where nothing says that a task is done", async () => {
    at = await connectNotion({ seed: withStatus(["Not started", "Under way"]) });
    const { notion, routesOf } = at;
    const routes = await routesOf(() =>
      expect(notion.tasksDoneSince(START)).rejects.toThrow(/no option of "Status"/),
    );
    expect(routes).toEqual([]);
  });
});
