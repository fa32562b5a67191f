/** Files in Slack: the three steps of an upload against the stand-in, and who gets an export of Training Data. */
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TrainingCounts } from "../../src/domain/training-file.ts";
import { createSlackStandIn, type SlackWorkspaceStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import {
  channels,
  createSlackSeed,
  leadershipGroup,
  people,
} from "../../src/sandbox/slack/workspace-seed.ts";
import { createExportCourier } from "../../src/slack/export-courier.ts";
import { createOutbound, type Outbound } from "../../src/slack/outbound.ts";
import { BOT_SCOPES } from "../../src/slack/scopes.ts";
import { openOffice } from "./slack-office.ts";

const clock = { now: Date.now() };
const closing: (() => Promise<void>)[] = [];
let slack: SlackWorkspaceStandIn;
let outbound: Outbound;
let failures: string[];
const logged: string[] = [];

async function open(scopes?: readonly string[]): Promise<void> {
  slack = await createSlackStandIn({
    seed: {
      ...createSlackSeed(),
      channels: [...createSlackSeed().channels, { id: "C0PUBLIC01", name: "elsewhere", botIsMember: false }],
    },
    now: () => clock.now,
    ...(scopes && { scopes }),
  });
  closing.push(slack.close);
  failures = [];
  outbound = createOutbound({
    token: slack.seed.bot.token,
    apiUrl: slack.url,
    ledger: {
      begin: async () => ({ posted: null, retried: false, startedAt: "", claim: 1 }),
      standing: async () => ({ claim: 1, posted: null }),
      done: async () => undefined,
    },
    log: pino({ level: "trace" }, { write: (line: string) => void logged.push(line) }),
    onFailure: (code) => failures.push(code),
    postIntervalMs: 1,
    sleep: async () => undefined,
  });
}

beforeEach(() => open());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const FILE = { name: "training-data.jsonl", text: '{"type":"supervised","say":"Grüße 🙂"}\n' };
const to = (channel: string, id: string) => ({ id, title: FILE.name, channel, comment: "*Two* examples" });

describe("an upload", () => {
  it("arrives byte for byte, in the direct message of one person, with its comment", async () => {
    const dm = await outbound.openDm(people.dana);
    const id = await outbound.uploadFile(FILE);
    expect(slack.files()).toEqual([]);
    expect(await outbound.shareFile(to(dm ?? "", id))).toBe("shared");
    expect(slack.files()).toMatchObject([{ name: FILE.name, content: FILE.text }]);
    const [message] = slack.messages(slack.directMessage(people.dana));
    expect(message).toMatchObject({
      text: "*Two* examples",
      files: [{ id, title: FILE.name, length: Buffer.byteLength(FILE.text) }],
    });
  });

  it("leaves neither its words nor its address in the log", async () => {
    const id = await outbound.uploadFile(FILE);
    await outbound.shareFile(to(slack.directMessage(people.dana), id));
    expect(logged.join("")).not.toMatch(/Grüße|upload\/v1/);
  });

  it("is unconfirmed when its answer was lost, and is not shown twice", async () => {
    const channel = slack.directMessage(people.dana);
    const id = await outbound.uploadFile(FILE);
    slack.faults.add({ route: "completeUpload", times: 1, effect: { kind: "committed-error", status: 503 } });
    await expect(outbound.shareFile(to(channel, id))).rejects.toMatchObject({
      code: "slack_unavailable",
      retryable: true,
    });
    expect(await outbound.shareFile(to(channel, id))).toBe("unconfirmed");
    expect(slack.messages(channel)).toHaveLength(1);
  });

  it("is unconfirmed when Slack has forgotten it meanwhile", async () => {
    const id = await outbound.uploadFile(FILE);
    clock.now += 16 * 60_000;
    expect(await outbound.shareFile(to(slack.directMessage(people.dana), id))).toBe("unconfirmed");
    expect(slack.files()).toEqual([]);
  });

  it.each([
    ["a person instead of a conversation", people.dana, "slack_rejected", "invalid_arguments"],
    ["a channel that does not exist", "C0NOWHERE1", "slack_channel_gone", "channel_not_found"],
    ["a channel without the bot", "C0PUBLIC01", "slack_channel_gone", "not_in_channel"],
  ])("is refused for %s", async (_what, channel, code, word) => {
    const id = await outbound.uploadFile(FILE);
    await expect(outbound.shareFile(to(channel, id))).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringContaining(word),
    });
    expect(failures).toEqual([code]);
  });

  it("names the scope it lacks", async () => {
    await open(Object.keys(BOT_SCOPES).filter((scope) => scope !== "files:write"));
    await expect(outbound.uploadFile(FILE)).rejects.toMatchObject({
      code: "slack_unauthorized",
      message: expect.stringContaining("files:write"),
    });
  });

  it.each([
    [404, "slack_rejected", false],
    [503, "slack_unavailable", true],
    [429, "slack_unavailable", true],
  ])(
    "that its address answers with %i fails as %s, and nothing is shared",
    async (status, code, retryable) => {
      slack.faults.add({ route: "/upload/v1", times: 1, effect: { kind: "status", status } });
      await expect(outbound.uploadFile(FILE)).rejects.toMatchObject({ code, retryable });
      expect(failures).toEqual([code]);
    },
  );

  it("whose connection breaks fails without naming the address, which is a secret", async () => {
    slack.faults.add({ route: "/upload/v1", times: 1, effect: { kind: "reset", committed: false } });
    await expect(outbound.uploadFile(FILE)).rejects.toMatchObject({
      message: "Slack's upload address: no answer",
      retryable: true,
    });
  });
});

describe("the stand-in", () => {
  const ticketFor = async (length: number) => {
    const body = new URLSearchParams({ filename: "x.txt", length: String(length) });
    const headers = { authorization: `Bearer ${slack.seed.bot.token}` };
    const answer = await fetch(`${slack.url}files.getUploadURLExternal`, { method: "POST", headers, body });
    return (await answer.json()) as { ok: boolean; error?: string; upload_url: string };
  };
  const leave = async (url: string, body: string) => (await fetch(url, { method: "POST", body })).status;

  it("takes the announced number of bytes, once, within the life of the address", async () => {
    const { upload_url: url } = await ticketFor(3);
    expect(await leave(url, "four")).toBe(400);
    expect(await leave(url, "abc")).toBe(200);
    expect(await leave(url, "abc")).toBe(404);
    const late = await ticketFor(3);
    clock.now += 16 * 60_000;
    expect(await leave(late.upload_url, "abc")).toBe(404);
  });

  it("refuses what is larger than Slack takes", async () => {
    expect(await ticketFor(1_000_000_001)).toMatchObject({ ok: false, error: "file_upload_size_restricted" });
  });
});

describe("what the courier says", () => {
  const said = async (end: Parameters<ReturnType<typeof createExportCourier>["say"]>[2]) => {
    const channel = slack.directMessage(people.dana);
    await createExportCourier(outbound).say("k", { id: "1", userId: people.dana, channel, only: null }, end);
    return slack.messages(channel).at(-1)?.text ?? "";
  };
  const counts = (change: Partial<TrainingCounts>): TrainingCounts => ({
    rows: 0,
    supervised: 0,
    preference: 0,
    leftOut: [],
    ...change,
  });

  it("of an empty table: that there is nothing yet", async () => {
    expect(await said({ kind: "nothing", counts: counts({}) })).toMatch(/^Training Data is empty/);
  });

  it("of rows without an example: why each was left out, inert and within Slack's limits", async () => {
    const leftOut = Array.from({ length: 40 }, (_, n) => ({
      reason: `<!channel> ${n} ${"x".repeat(900)}`,
      count: 2,
    }));
    const text = await said({ kind: "nothing", counts: counts({ rows: 80, leftOut }) });
    expect(text).toContain(
      "80 rows of Training Data: 0 supervised examples, 0 preference pairs, so there is no file.",
    );
    expect(text).toContain("Left out: 80");
    expect(text).toContain("and 28 other reasons");
    expect(text).not.toContain("<!channel>");
    expect(text.length).toBeLessThan(4_000);
  });

  it.each([
    ["slack_unauthorized", false, /permission `files:write`.*manifest\.yml.*reinstall/],
    [
      "notion_unavailable",
      true,
      /Notion does not answer at the moment\. Please type `\/emm export` again in a few minutes\.$/,
    ],
    ["notion_invalid", false, /did not work: Notion did not understand\.$/],
  ] as const)("of a failure (%s): the reason, and what to do", async (code, retryable, words) => {
    const failure = { code, retryable, message: "Notion did not understand" };
    expect(await said({ kind: "failed", failure })).toMatch(words);
  });
});

describe("/emm export", () => {
  it("is for approvers and operators; anybody else is refused and audited", async () => {
    const at = await openOffice();
    closing.push(at.close);
    const ask = async (user: string, text: string) => {
      const before = at.slack.messages(channels.general).length;
      await at.slack.command({ user, channel: channels.general, command: "/emm", text });
      await at.settled(() => at.slack.messages(channels.general).length > before);
      return at.slack.messages(channels.general).at(-1)?.text ?? "";
    };
    expect(await ask(people.dana, "export")).toContain("comes to you as a direct message");
    expect(await ask(people.sam, "export preference")).toContain("comes to you as a direct message");
    expect(await ask(people.sam, "export everything")).toContain("takes nothing after it, or one of");
    const refusal = await ask(people.lee, "export");
    expect(refusal).toContain(`Approvers and operators: <!subteam^${leadershipGroup}>, <@${people.sam}>`);
    expect(refusal).toContain("SLACK_APPROVERS or SLACK_OPERATORS");
    expect(await ask(people.guest, "export")).toContain("Guests cannot");
    expect(at.books.exports).toMatchObject([
      { userId: people.dana, channel: at.slack.directMessage(people.dana), only: null },
      { userId: people.sam, channel: at.slack.directMessage(people.sam), only: "preference" },
    ]);
    expect(at.books.audit).toMatchObject([
      { actor: people.lee, action: "training.export", outcome: "refused", detail: "not-listed" },
      { actor: people.guest, action: "training.export", outcome: "refused", detail: "guest" },
    ]);
  });
});
