/** What is kept of the nodes may be wrong by now, and queries may not show it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Concept } from "../../src/domain/analysis.ts";
import { type Connected, connectNotion } from "./notion-fixture.ts";

const concept = (name: string): Concept => ({ name, type: "Entity_Company" });
let connected: Connected;

beforeAll(async () => {
  connected = await connectNotion();
});
afterAll(() => connected.standIn.close());

it("kept nodes are used when they are there and have that name, whatever is kept", async () => {
  const { standIn, restart, advance } = connected;
  const user = standIn.users[0]?.id ?? "";
  const put = (name: string) => standIn.create({ user, database: "Nodes", values: { Name: name } });
  const gone = ["Fabrikam", "Fabrikam", "fabrikam"].map(put);
  const [renamed, namesake] = ["Contoso Holdings of Leeds", "Contoso Holding of Leeds"].map(put);
  await restart().connect();
  const late = restart();
  await late.connect();
  for (const { id } of gone) standIn.trash(id);
  standIn.edit({ user, pageId: renamed?.id ?? "", values: { Name: "Wingtip Toys" } });
  standIn.queryLagMs = 30 * 24 * 3_600_000;
  advance(3_600_000);
  const names = ["Fabrikam", "Contoso Holdings of Leeds"];
  const [made, found] = await late.catalogue.nodes(names.map(concept), {});
  expect(gone.map(({ id }) => id)).not.toContain(made?.id);
  expect(found?.id).toBe(namesake?.id);
});
