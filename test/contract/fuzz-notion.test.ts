/** Whatever stands in a workspace: a row that cannot be read leaves the others alone, and what fails says what and why. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAppError } from "../../src/errors.ts";
import { DATABASES } from "../../src/notion/databases/all.ts";
import { bindSchema } from "../../src/notion/schema.ts";
import { listen } from "../fixtures/bolt-on-slack-stand-in.ts";
import { awkwardNumber, FUZZ_PATIENCE_MS, fuzzed, garbled, spoiling } from "../fixtures/fuzz.ts";
import { type Connected, connectNotion } from "./notion-fixture.ts";
import { intentFor, logFor, pipeFor, trainingFor } from "./notion-samples.ts";

type Tamper = (route: string, answer: unknown) => unknown;

let proxy: Server;
let at: Connected;
/** What happens to Notion's answers on their way. */
let tamper: Tamper = (_, answer) => answer;
const honest: Tamper = (_, answer) => answer;
const ids = { item: "", pipe: "" };

beforeAll(async () => {
  at = await connectNotion({ through: startProxy });
  const { decisions, records, inbox } = at.notion;
  const [first] = await inbox.waiting();
  const intent = await decisions.createIntent(intentFor(first?.id ?? ""), { key: "i" });
  const pipe = await decisions.createPipe(pipeFor(intent.id), { key: "p" });
  await decisions.createPipe(pipeFor(intent.id), { key: "p2" });
  await records.createTraining(trainingFor(intent.id), { key: `training:${pipe.id}` });
  await records.createLog(logFor(intent.id, pipe.id), { key: "l" });
  Object.assign(ids, { item: first?.id, pipe: pipe.id });
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await at.standIn.close();
});

function startProxy(target: string): Promise<string> {
  proxy = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      relay(request, Buffer.concat(chunks), target).then(
        ({ status, body }) => response.writeHead(status, { "content-type": "application/json" }).end(body),
        (error: Error) => response.destroy(error),
      );
    });
  });
  return listen(proxy);
}

async function relay({ method = "GET", url = "", headers }: IncomingMessage, body: Buffer, target: string) {
  const answer = await fetch(target + url, {
    method,
    headers: {
      authorization: headers.authorization ?? "",
      "notion-version": String(headers["notion-version"]),
      "content-type": "application/json",
    },
    body: method === "GET" ? null : body,
  });
  const said: unknown = await answer.json();
  const told = answer.ok ? tamper(`${method} ${url}`, said) : said;
  return { status: answer.status, body: JSON.stringify(told) };
}

/** The n-th row of each query's answer becomes something else. */
function withRow(index: number, broken: (row: unknown) => unknown): Tamper {
  return (route, answer) => {
    if (!/\/query/.test(route)) return answer;
    const { results, ...rest } = answer as { results: unknown[] };
    const at = index % Math.max(1, results.length);
    return { ...rest, results: results.map((row, n) => (n === at ? broken(row) : row)) };
  };
}

const FIVE_MINUTES = 301_000;
interface Look {
  name: string;
  /** What it brings is put together from several databases: only the rows themselves are compared. */
  isJoined?: boolean;
  /** What it brings, each with an `id`. */
  look: () => Promise<{ id: string }[]>;
}
const LOOKS: Look[] = [
  { name: "the inbox", look: () => at.notion.inbox.waiting() },
  { name: "areas", look: () => at.notion.catalogue.areas() },
  {
    name: "advisers",
    look: async () =>
      (await at.notion.catalogue.advisers()).map(({ pageId, ...adviser }) => ({
        id: pageId ?? "",
        ...adviser,
      })),
  },
  { name: "the sweep", look: () => at.notion.decisions.pipesEditedSince("2026-01-01T00:00:00.000Z") },
  { name: "training data", look: () => at.notion.trainingCases(), isJoined: true },
];

/** What people, and other clients, do to a cell. */
const HUGE = Array.from({ length: 50 }, () => ({ type: "text", plain_text: "x".repeat(2_000) }));
const cells = fc.constantFrom<unknown>(
  null,
  ...["title", "rich_text"].map((type) => ({ type, [type]: HUGE })),
  { type: "select", select: null },
  { type: "select", select: { id: "?", name: "No such option" } },
  { type: "status", status: { name: "Processing" } },
  { type: "people", people: [{ object: "user", id: "another-workspace" }] },
  { type: "relation", relation: [{ id: "half" }, {}, null], has_more: true },
  { type: "formula", formula: { type: "number", number: Number.NaN } },
  { type: "unheard_of", unheard_of: {} },
);
const retyped = cells.map((cell) => (row: unknown) => {
  const { properties, ...rest } = row as { properties?: Record<string, { id: string }> };
  if (properties === undefined) return row;
  const all = Object.entries(properties).map(([name, was]) => [
    name,
    cell === null ? null : { ...(cell as object), id: was.id },
  ]);
  return { ...rest, properties: Object.fromEntries(all) };
});

const idOf = (row: unknown): string => {
  const id: unknown = typeof row === "object" && row !== null ? Reflect.get(row, "id") : null;
  return typeof id === "string" ? id : "";
};

describe("a row that cannot be read", () => {
  it.each(LOOKS)(
    "in $name leaves the other rows as they are",
    async ({ look, isJoined = false }) => {
      tamper = honest;
      at.advance(FIVE_MINUTES);
      const whole = await look();
      expect(whole.length).toBeGreaterThan(0);
      await fc.assert(
        fc.asyncProperty(fc.nat(20), fc.oneof(spoiling(4), retyped), async (index, broken) => {
          at.advance(FIVE_MINUTES);
          const touched = new Set<string>();
          tamper = withRow(index, (row) => {
            const made = broken(row);
            for (const one of [row, made]) touched.add(idOf(one));
            return made;
          });
          const seen = new Map((await look()).map((one) => [one.id, one]));
          for (const one of whole.filter(({ id }) => !touched.has(id))) {
            if (isJoined) expect([...seen.keys()]).toContain(one.id);
            else expect(seen.get(one.id)).toEqual(one);
          }
          for (const id of seen.keys()) expect(id).toMatch(/^[0-9a-f-]{32,36}$/i);
          expect(JSON.stringify([...seen.values()])).not.toContain("undefined");
        }),
        fuzzed(10),
      );
    },
    FUZZ_PATIENCE_MS,
  );
});

/** Not one of ours that nobody can act on: it says what it was about. */
async function endsWell<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (!isAppError(error)) throw error;
    expect(error.code).toMatch(/^notion_(invalid|not_found|unavailable)$/);
    expect(error.message).toMatch(/^Notion (GET|PATCH|POST) \/v1\/|\(NOTION_DB_|^(System|Action|Training)/);
    return null;
  }
}

describe("a page that cannot be read", () => {
  it(
    "is an item with texts and moments all the same, or a failure that names the request",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(spoiling(4), retyped), fc.nat(3), async (broken, attempt) => {
          tamper = (route, answer) => (/pages|children/.test(route) ? broken(answer) : answer);
          const item = await endsWell(at.notion.inbox.claim(ids.item, attempt));
          if (item !== null) {
            for (const text of [item.id, item.url, item.title, item.content, item.source, item.createdAt])
              expect(text).toBeTypeOf("string");
            expect(item.requestedBy ?? "U1").toMatch(/^[UW][A-Z0-9]+$/);
          }
          const pipe = await endsWell(at.notion.decisions.readPipe(ids.pipe));
          if (pipe !== null) {
            for (const text of [pipe.status, pipe.lastEditedAt, ...Object.values(pipe.content)])
              expect(text ?? "").toBeTypeOf("string");
          }
        }),
        fuzzed(20),
      );
      tamper = honest;
    },
    FUZZ_PATIENCE_MS,
  );
});

describe("a schema that is another one", () => {
  const all = Object.entries(DATABASES).map(([name, { title, properties }]) => ({
    config: { name, title, table: properties, id: "x", databaseId: "x", dataSourceId: "y" },
    source: {
      properties: Object.fromEntries(
        Object.entries(properties).map(([property, { types }]) => {
          const [type = ""] = types;
          const options = [{ id: "1", name: "Done" }];
          return [
            property,
            { id: property, name: property, type, [type]: { options, groups: [{ option_ids: ["1"] }] } },
          ];
        }),
      ),
    },
  }));

  it(
    "is bound, or refused by the name of the database and its variable",
    () => {
      const change = fc
        .constantFrom(...all)
        .chain(({ config, source }) =>
          fc.record({ config: fc.constant(config), source: garbled(source, 5) }),
        );
      fc.assert(
        fc.property(change, ({ config, source }) => {
          try {
            // The names come from the same table.
            const bound = bindSchema(config as Parameters<typeof bindSchema>[0], source);
            for (const property of bound.properties.values()) expect(property.id).toBeTypeOf("string");
          } catch (error) {
            expect(isAppError(error) && error.code).toBe("notion_invalid");
            expect(String(error)).toContain(`${config.title} (NOTION_DB_${config.name}): `);
          }
        }),
        fuzzed(50),
      );
    },
    FUZZ_PATIENCE_MS,
  );
});

const numberOf = (id: string): unknown =>
  at.standIn.rows("System Inbox").find((row) => row.id === id)?.properties["Inbox_ID"]?.["number"];

describe("numbers that people typed", () => {
  it(
    "never become the next one of ours when they are none that the store can count on",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(awkwardNumber, fc.double()), async (typed) => {
          const fresh = at.restart("lost");
          tamper = (route, answer) => {
            if (!/query/.test(route)) return answer;
            return JSON.parse(JSON.stringify(answer), (key, value) => (key === "number" ? typed : value));
          };
          const { id } = await fresh.inbox.add(
            { title: "x", content: "", source: "Slack", requestedBy: null },
            { key: `n:${typed}` },
          );
          tamper = honest;
          const row = at.standIn.rows("System Inbox").find((one) => one.id === id);
          const number = row?.properties["Inbox_ID"]?.["number"];
          expect(number).toSatisfy((n: number) => Number.isInteger(n) && n > 0 && n <= 1_000_000_001);
        }),
        fuzzed(10),
      );
    },
    FUZZ_PATIENCE_MS,
  );
});

describe("what once fell", () => {
  // As many as fit into one answer, however many the runs above have made.
  beforeAll(() => {
    for (const { id } of at.standIn.rows("System Inbox").slice(0, -20))
      if (id !== ids.item) at.standIn.trash(id);
  });

  it("is a row without an id, or without a moment: the others are there, and it counts as new", async () => {
    const whole = await at.notion.inbox.waiting();
    tamper = withRow(0, (row) => ({ ...(row as object), id: null }));
    expect((await at.notion.inbox.waiting()).map(({ id }) => id)).toEqual(whole.slice(1).map(({ id }) => id));
    tamper = withRow(0, (row) => ({ ...(row as object), last_edited_time: "soon" }));
    const [first] = await at.notion.inbox.waiting();
    expect(first?.lastEditedAt).toBe(new Date(at.clock.now()).toISOString());
  });

  it("is a row that went while the rest of its text was read", async () => {
    const mention = { type: "mention", plain_text: "@Dana", mention: { type: "user" } };
    tamper = honest;
    const since = "2026-01-01T00:00:00.000Z";
    const whole = await at.notion.decisions.pipesEditedSince(since);
    tamper = withRow(0, (row) => {
      const { properties, ...rest } = row as { properties: Record<string, { type: string }> };
      const all = Object.entries(properties).map(([name, was]) => {
        return [name, was.type === "rich_text" ? { ...was, rich_text: Array(25).fill(mention) } : was];
      });
      return { ...rest, id: "0e5235bf-86aa-4efb-93aa-772cce7eab71", properties: Object.fromEntries(all) };
    });
    expect(await at.notion.decisions.pipesEditedSince(since)).toEqual(whole.slice(1));
    tamper = honest;
  });

  it("is a number that somebody typed, too high for the store: new items still get one", async () => {
    at.standIn.edit({
      user: at.standIn.users[0]?.id ?? "",
      pageId: ids.item,
      values: { Inbox_ID: 3_000_000_000 },
    });
    const item = { title: "x", content: "", source: "Slack", requestedBy: null };
    const { id } = await at.restart("lost").inbox.add(item, { key: "typed" });
    expect(numberOf(id)).toBeLessThan(1_000_000);
  });

  it("is a list whose cursor leads back to itself", async () => {
    tamper = (route, answer) =>
      /\/query/.test(route) ? { ...(answer as object), has_more: true, next_cursor: null } : answer;
    const ended = await at.notion.inbox.waiting();
    tamper = honest;
    expect(ended).toEqual(await at.notion.inbox.waiting());
  });
});
