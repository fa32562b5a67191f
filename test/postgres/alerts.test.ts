/** Two replicas hear of the same problems, and one of them is killed: each problem is one message, with how it ended. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SlackMessage } from "../../src/sandbox/stand-ins.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, startBot } from "../fixtures/bot-process.ts";
import { createThrowawayDatabase, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";
import { ALERTS, emptyInbox, eventually } from "../flows/bot.ts";

const SECRET = "test-alertmanager-secret";

let world: World;
let database: ThrowawayDatabase;
const processes: BotProcess[] = [];

beforeAll(async () => {
  database = await createThrowawayDatabase();
  world = await createWorld({});
  emptyInbox(world);
  const env = childEnv(world, { DATABASE_URL: database.url, WEBHOOK_SECRET_ALERTMANAGER: SECRET });
  for (const _ of [1, 2]) processes.push(await startBot({ env }));
});

afterAll(async () => {
  await Promise.all(processes.filter((bot) => bot.isRunning()).map((bot) => bot.end("SIGKILL")));
  await world.close();
  await database.drop();
});

interface Told {
  names: string[];
  status: "firing" | "resolved";
  /** Another start is another event. */
  hour: number;
}

/** As Alertmanager tells one replica; resolves when it is taken down. */
async function tell(bot: BotProcess | undefined, { names, status, hour }: Told): Promise<void> {
  const startsAt = `2026-11-20T${String(hour).padStart(2, "0")}:00:00Z`;
  const alerts = names.map((name) => ({
    ...{ status, startsAt, endsAt: "0001-01-01T00:00:00Z", fingerprint: `f-${name}`, generatorURL: "" },
    labels: { alertname: name, severity: "warning" },
    annotations: { summary: name, description: "It was seen." },
  }));
  const answer = await fetch(`${bot?.url ?? ""}/webhooks/alertmanager`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRET}`, "content-type": "application/json" },
    body: JSON.stringify({
      ...{
        version: "4",
        groupKey: names.join(),
        status,
        receiver: "emm",
        externalURL: "",
        truncatedAlerts: 0,
      },
      ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {}, alerts },
    }),
  });
  if (!answer.ok) throw new Error(`webhook answered ${answer.status}`);
}

const messages = (name: string): SlackMessage[] =>
  world.slack
    .messages(ALERTS)
    .filter((m) => m.threadTs === null && JSON.stringify(m.blocks).includes(`: ${name}*`));

it("tells each once, goes on after a kill, and ends each in place", async () => {
  const [first, second] = processes;
  const both = ["SameForBoth", "AlsoForBoth"];
  await Promise.all(
    [0, 1, 2, 3, 4, 5, 6, 7].map((hour) =>
      tell(hour % 2 === 0 ? first : second, { names: both, status: "firing", hour }),
    ),
  );
  await eventually(
    world,
    () => both.every((name) => JSON.stringify(messages(name)).includes("Seen ")),
    "both, counted",
    60_000,
  );
  // Taken down by the one that is killed at that very moment.
  await tell(first, { names: ["LastWords"], status: "firing", hour: 9 });
  await first?.end("SIGKILL");
  await eventually(world, () => messages("LastWords").length === 1, "what the dead one was told", 60_000);

  await tell(second, { names: [...both, "LastWords"], status: "resolved", hour: 9 });
  const all = [...both, "LastWords"];
  await eventually(
    world,
    () => all.every((name) => messages(name).every((m) => JSON.stringify(m.blocks).includes("Over:"))),
    "all to be over",
    60_000,
  );
  expect(all.map((name) => messages(name).length)).toEqual([1, 1, 1]);
  const keys = world.slack
    .messages(ALERTS)
    .map((m) => JSON.stringify(m.metadata ?? null))
    .filter((key) => key.includes('"alert'));
  expect(new Set(keys).size).toBe(keys.length);
});
