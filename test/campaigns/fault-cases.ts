/** The faults of the fault table: how each is brought about and taken back, and which check must notice it. */
import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Fault } from "../../src/sandbox/stand-ins.ts";
import type { World } from "../../src/sandbox/world.ts";
import type { SmallDisk } from "../fixtures/small-disk.ts";
import { cardsIn, DECISIONS, eventually, userId } from "../flows/bot.ts";

/** What a case may do to the world and to the process. */
export interface Stage {
  world: World;
  /** Where the bot answers now. */
  url(): string;
  restart(env?: Record<string, string>): Promise<void>;
  kill(): Promise<void>;
  /** Milliseconds that the bot's wall clock is set off by. */
  setClock(shiftMs: number): Promise<void>;
  disk: SmallDisk;
}

export interface FaultCase {
  name: string;
  /** The check that must not be ok; null = health has nothing to say, what people see is all. */
  check: string | null;
  /** What it does; may answer what was seen, for cases without a check. */
  begin(stage: Stage): Promise<unknown>;
  end(stage: Stage): Promise<void>;
}

const status = (code: number, rest: object = {}) => ({ kind: "status" as const, status: code, ...rest });
const word = (code: string) => status(200, { code });

type Side = "slack" | "notion" | "claude";

/** A vendor that misbehaves until it does not. `put`: with an item in the inbox, so that people notice too. */
function vendor(
  name: string,
  side: Side,
  check: string,
  faults: Omit<Fault, "times">[],
  put = false,
): FaultCase {
  return {
    name,
    check,
    async begin({ world }) {
      const standIn = world[side];
      if (put) putItem(world, name);
      for (const fault of faults) standIn.faults.add(fault);
    },
    async end({ world }) {
      world[side].faults.clear();
    },
  };
}

function putItem(world: World, subject: string): void {
  const { notion } = world;
  const values = {
    Input_Title: `Should we expand to ${subject}?`,
    Content: `Expanding to ${subject} would cost 3 million euros and changes the whole company.`,
    Status: "Unprocessed",
  };
  notion.create({ user: notion.users[0]?.id ?? "", database: "System Inbox", values });
}

const LATE_MS = 240_000;

async function cardAbout({ world }: Stage, subject: string, known = subject) {
  putItem(world, subject);
  const find = () => cardsIn(world).find((card) => JSON.stringify(card.blocks).includes(known));
  return eventually(world, find, `a card about ${known}`, LATE_MS);
}

const retired = {
  body: { type: "model", id: "claude-sonnet-5-5", display_name: "Claude", lifecycle: "retired" },
};

const healthFaults: FaultCase[] = [
  vendor("Notion answers 503", "notion", "notion", [{ route: /./, effect: status(503) }], true),
  vendor("Notion answers 429", "notion", "notion", [
    { route: /./, effect: status(429, { retryAfterSeconds: 5 }) },
  ]),
  vendor("Notion hangs", "notion", "notion", [{ route: /./, effect: { kind: "hang", committed: false } }]),
  vendor("Notion's key is revoked", "notion", "notion", [{ route: /./, effect: status(401) }]),
  vendor("Claude is overloaded", "claude", "claude", [{ route: /messages/, effect: status(529) }], true),
  vendor("Claude's key is revoked", "claude", "claude", [{ route: /./, effect: status(401) }]),
  vendor("the model is retired", "claude", "claude", [{ route: /models/, effect: status(200, retired) }]),
  vendor("Slack is down", "slack", "slack", [{ route: /./, effect: status(503) }], true),
  vendor("Slack's token is revoked", "slack", "slack", [{ route: /./, effect: word("token_revoked") }]),
  vendor(
    "both channels are archived",
    "slack",
    "slack",
    [
      { route: "conversations.info", effect: word("channel_not_found") },
      { route: "chat.postMessage", effect: word("is_archived"), after: 0 },
    ],
    true,
  ),
  vendor(
    "Slack takes no posts",
    "slack",
    "posts",
    [{ route: "chat.postMessage", effect: status(503) }],
    true,
  ),
];

const machineFaults: FaultCase[] = [
  {
    name: "a wrong database id (NOTION_DB_TASKS)",
    check: "notion_tasks",
    begin: (stage) => stage.restart({ NOTION_DB_TASKS: "00000000-0000-4000-8000-000000000000" }),
    end: (stage) => stage.restart(),
  },
  {
    name: "an approver id that does not exist",
    check: "approvers",
    begin: (stage) => stage.restart({ SLACK_APPROVERS: "U0NOBODY01" }),
    end: (stage) => stage.restart(),
  },
  {
    name: "the disk is full",
    check: "disk",
    begin: async ({ disk }) => disk.fill?.(20e6),
    end: async ({ disk }) => disk.empty(),
  },
  {
    name: "the clock goes an hour ahead, and back",
    check: "slack_clock",
    begin: (stage) => stage.setClock(3_600_000),
    end: (stage) => stage.setClock(0),
  },
  {
    name: "the clock goes an hour back, polls fail, the clock is mended",
    check: "poller",
    async begin(stage) {
      await stage.setClock(-3_600_000);
      stage.world.notion.faults.add({ route: /query/, effect: status(400) });
    },
    async end(stage) {
      stage.world.notion.faults.clear();
      await stage.setClock(0);
    },
  },
  {
    name: "the process is killed",
    check: "process",
    begin: (stage) => stage.kill(),
    end: (stage) => stage.restart(),
  },
  {
    name: "somebody pauses polling",
    check: "poller",
    begin: (stage) => command(stage, "poll pause cleaning up"),
    end: (stage) => command(stage, "poll resume"),
  },
];

async function command({ world }: Stage, text: string): Promise<void> {
  const user = userId(world, "sam");
  await world.slack.command({ user, channel: DECISIONS, command: "/emm", text });
}

/** Handled on the spot: nothing turns red, and what people see is the whole story. */
const handled: FaultCase[] = [
  {
    name: "a Notion write with unknown outcome",
    check: null,
    async begin(stage) {
      stage.world.notion.faults.add({
        route: "POST /v1/pages",
        times: 1,
        effect: { kind: "committed-error", status: 503 },
      });
      await cardAbout(stage, "Latvia");
      const intents = stage.world.notion
        .rows("Executive Intents")
        .filter((row) => JSON.stringify(row).includes("Latvia"));
      return `one card, ${intents.length} intent in Notion`;
    },
    end: async ({ world }) => world.notion.faults.clear(),
  },
  {
    name: "Claude declines once",
    check: null,
    async begin(stage) {
      stage.world.claude.faults.add({
        route: /messages/,
        times: 1,
        effect: { kind: "stop", reason: "refusal" },
      });
      await cardAbout(stage, "Estonia");
      return "a failed attempt with its reason in Notion; the card after the next one";
    },
    end: async ({ world }) => world.claude.faults.clear(),
  },
  {
    name: "one who may not clicks, then two people at once",
    check: null,
    async begin(stage) {
      const { world } = stage;
      const card = await cardAbout(stage, "Finland");
      const click = (handle: string) =>
        world.slack.click({
          user: userId(world, handle),
          channel: DECISIONS,
          ts: card.ts,
          actionId: "decision_approve",
        });
      const told = (handle: string) =>
        world.slack
          .messages(DECISIONS)
          .filter((one) => one.visibleTo === userId(world, handle))
          .at(-1)?.text ?? "";
      const before = told("lee");
      await click("lee");
      await eventually(world, () => told("lee") !== before, "a refusal");
      await Promise.all([click("dana"), click("sam")]);
      await eventually(
        world,
        () => /Already decided/.test(`${told("dana")} ${told("sam")}`),
        "a note for the second",
      );
      const second = [told("dana"), told("sam")].find((text) => text.includes("Already decided")) ?? "";
      return `Lee: "${told("lee")}" · the second: "${second}"`;
    },
    end: async () => {},
  },
  {
    name: "the plan is edited in Notion after the card was posted",
    check: null,
    async begin(stage) {
      const { world } = stage;
      const { slack, notion } = world;
      const card = await cardAbout(stage, "Norway");
      const dana = userId(world, "dana");
      const pipe = notion.rows("Action Pipes").find((row) => JSON.stringify(row).includes("Norway"));
      const values = { Risk_Assessment: "The kroner has lost a third of its value." };
      notion.edit({ user: notion.users[0]?.id ?? "", pageId: pipe?.id ?? "", values });
      await slack.click({ user: dana, channel: DECISIONS, ts: card.ts, actionId: "decision_approve" });
      const now = () => slack.messages(DECISIONS).find(({ ts }) => ts === card.ts)?.text ?? "";
      await eventually(world, () => /Replaced/.test(now()), "the card to be replaced", LATE_MS);
      const decided = notion.rows("Training Data").filter((row) => JSON.stringify(row).includes("Norway"));
      return `the card that Dana approved: "${now()}"; ${decided.length} decisions recorded`;
    },
    end: async () => {},
  },
  {
    name: "an item full of <!channel>, links and 20,000 characters",
    check: null,
    async begin(stage) {
      const card = await cardAbout(
        stage,
        `Iceland <!channel> <https://evil.example|click> ${"🧨 שלום ".repeat(2_500)}`,
        "Iceland",
      );
      const words = JSON.stringify(card.blocks);
      return `one card; ${/<!channel>|<https:\/\/evil/.test(words) ? "NOT inert" : "all of it inert"}`;
    },
    end: async () => {},
  },
  {
    name: "a wrong configuration",
    check: null,
    async begin(stage) {
      const wrong = { POLLING_INTERVAL_SECONDS: "7", NOTION_DB_TASKS: "tasks", SLACK_BOT_TOKEN: "" };
      const said = await stage.restart(wrong).then(
        () => "it STARTED",
        (error: unknown) => String(error),
      );
      const lines = said.split("\n").filter((line) => line.startsWith("- "));
      return `nothing; it does not start and says: ${lines.map((line) => line.slice(2, 120)).join(" / ")}`;
    },
    end: (stage) => stage.restart(),
  },
  {
    name: "a forged and an old signature, and a body of 2 MB",
    check: null,
    async begin({ url, world }) {
      const send = async (secret: string, ageSeconds: number, body: string) => {
        const at = Math.floor(Date.now() / 1000) - ageSeconds;
        const mac = createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex");
        const headers = {
          "content-type": "application/x-www-form-urlencoded",
          "x-slack-request-timestamp": String(at),
          "x-slack-signature": `v0=${mac}`,
        };
        return (await fetch(`${url()}/slack/events`, { method: "POST", headers, body })).status;
      };
      const { signingSecret } = world.slack.seed;
      const forged = await send("wrong", 0, "command=%2Femm");
      const old = await send(signingSecret, 3_600, "command=%2Femm");
      const large = await send(signingSecret, 0, "x".repeat(2_000_000));
      return `${forged}, ${old}, ${large}; nothing in Slack`;
    },
    end: async () => {},
  },
];

export const CASES: FaultCase[] = [...healthFaults, ...machineFaults, ...handled];

export async function writeShift(file: string, shiftMs: number): Promise<void> {
  await writeFile(file, String(shiftMs));
}
