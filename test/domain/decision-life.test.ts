/** How a decision is named, what is told of its life, and what is said while it waits: words that hold any text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { type AuditEvent, BOT, lifeFile, lifeFileName, lifeOf } from "../../src/domain/decision-life.ts";
import { readDecisionQuery } from "../../src/domain/decision-query.ts";
import { MARKS } from "../../src/domain/reminders.ts";
import { messageProblems } from "../../src/slack/block-check.ts";
import { auditFileComment, auditText, noneText, severalText } from "../../src/slack/cards/audit.ts";
import { textMessage } from "../../src/slack/cards/blocks.ts";
import { decisionCard } from "../../src/slack/cards/decision-card.ts";
import { reminderText } from "../../src/slack/cards/reminder.ts";
import { decision, outcome, plan } from "../fixtures/decision.ts";

const HEX = "2f1c8a90b7d34e6fa1b2c3d4e5f60718";
const DASHED = "2f1c8a90-b7d3-4e6f-a1b2-c3d4e5f60718";

describe("a decision is named by", () => {
  it.each([
    [DASHED, { kind: "id", hex: HEX }],
    [HEX.toUpperCase(), { kind: "id", hex: HEX }],
    [`https://www.notion.so/acme/Annual-billing-${HEX}?v=${"0".repeat(32)}`, { kind: "id", hex: HEX }],
    [`https://www.notion.so/acme/${"0".repeat(32)}?v=1&p=${HEX}`, { kind: "id", hex: HEX }],
    [
      "https://acme.slack.com/archives/C0123/p1763720000123456",
      { kind: "message", channel: "C0123", ts: "1763720000.123456" },
    ],
    [
      "https://acme.slack.com/archives/C0123/p1763720999000000?thread_ts=1763720000.123456&cid=C0123",
      { kind: "message", channel: "C0123", ts: "1763720000.123456" },
    ],
    ["2f1c8a90-b7", { kind: "prefix", hex: "2f1c8a90b7", words: ["2f1c8a90-b7"] }],
    ["Annual  Billing", { kind: "words", words: ["annual", "billing"] }],
    ["cafe", { kind: "words", words: ["cafe"] }],
    ["https://example.com/a", { kind: "words", words: ["https://example.com/a"] }],
    ["  ", null],
  ])("%s", (text, query) => expect(readDecisionQuery(text)).toEqual(query));
});

const event = (change: Partial<AuditEvent>): AuditEvent => ({
  at: "2026-11-21T10:00:00.000Z",
  actor: "U0LEE",
  action: "decision.approve",
  outcome: "refused",
  detail: "not-listed",
  ...change,
});

const RECORDED: DecisionRecord["state"] = {
  kind: "recorded",
  outcome: outcome({ verdict: "approved", at: "2026-11-21T11:00:00.000Z", final: plan }),
  recordedAt: "2026-11-21T11:00:02.000Z",
  taskCount: 3,
  projectUrl: null,
  acceptanceRate: 1,
};

describe("the life of a decision", () => {
  const first = decision({
    id: "v1",
    createdAt: "2026-11-20T09:00:00.000Z",
    state: { kind: "superseded", by: "v2", reason: "Edited." },
  });
  const second = decision({ id: "v2", createdAt: "2026-11-21T09:00:00.000Z", state: RECORDED });

  it("begins with the version that was put up first and is in the order of time", () => {
    const audit = new Map([
      ["v1", [event({ at: "2026-11-20T10:00:00.000Z" })]],
      [
        "v2",
        [event({ at: "2026-11-21T10:00:00.000Z", actor: BOT, action: "decision.reminded", outcome: "done" })],
      ],
    ]);
    const { events, decision: current } = lifeOf([first, second], audit);
    expect(current.id).toBe("v2");
    const told = events.filter(({ action }) => action !== "decision.posted");
    expect(told.map(({ decisionId, action }) => `${decisionId} ${action}`)).toEqual([
      "v1 decision.created",
      "v1 decision.approve",
      "v2 decision.created",
      "v2 decision.reminded",
      "v2 decision.approved",
      "v2 decision.recorded",
    ]);
    expect(auditText({ decision: current, events })).toContain(
      "Approve *refused*: not an approver (earlier version)",
    );
  });

  it("does not tell a decision twice that the audit holds", () => {
    const noted = event({
      at: "2026-11-21T11:00:00.100Z",
      action: "decision.approved",
      outcome: "done",
      detail: "",
    });
    const { events } = lifeOf([second], new Map([["v2", [noted]]]));
    expect(events.filter(({ action }) => action === "decision.approved")).toHaveLength(1);
  });

  it("is told by the bot that did it, for whom, with a link to what came of it and no address or id", () => {
    const url = `https://www.notion.so/acme/${"p".repeat(200)}`;
    const about = decision({
      ...{ id: "v1", requestedBy: "U0DANA", createdAt: "2026-11-20T09:00:00.000Z" },
      ...{ title: "Annual billing", card: { channel: "C0LEADERS1", ts: "1763720000.1" } },
      state: { ...RECORDED, projectUrl: url },
    });
    const notionUser = "2f1c8a90-b7d3-4e6f-a1b2-c3d4e5f60718";
    const changed = event({ actor: notionUser, action: "decision.superseded", outcome: "done", detail: "" });
    const text = auditText(lifeOf([about], new Map([["v1", [changed]]])));
    expect(text).toContain(": put up for decision, asked by <@U0DANA>: Annual billing");
    expect(text).toContain("card posted: <#C0LEADERS1>");
    expect(text).toMatch(/, <@\w+>: approved: in Slack/);
    expect(text).toContain(`(<${url}|the project>)`);
    expect(text).toContain(", somebody in Notion: replaced");
    expect(text.replaceAll(/<[^>]*>/g, "")).not.toMatch(/https?:|\d{4}-\d\d-\d\dT|C0LEADERS1|2f1c8a90/);
  });

  it("leaves out the id of whoever was stood in for, and not a word of what people wrote", () => {
    const reason = "Enter the market (UK) first, and settle the contract (WIP).";
    const noted = [
      event({
        action: "decision.approved",
        outcome: "done",
        detail: "via slack, for Sam (UX) Okafor (U0SAM00001)",
      }),
      event({ action: "decision.reopened", outcome: "done", detail: reason }),
    ];
    const text = auditText(lifeOf([second], new Map([["v2", noted]])));
    expect(text).toContain(`: reopened: ${reason}`);
    expect(text).toContain("approved: in Slack, for Sam (UX) Okafor");
    expect(text).not.toContain("U0SAM00001");
  });

  it("says of a decision that the content was changed under that it is void", () => {
    const noted = ["decision.rejected", "decision.voided"].map((action) =>
      event({
        action,
        outcome: "done",
        detail: action === "decision.voided" ? "rejected by Lee: edited" : "",
      }),
    );
    const text = auditText(lifeOf([second], new Map([["v2", noted]])));
    expect(text).toContain(": rejected");
    expect(text).toContain(
      ": made the decision void, because the content changed in Notion: rejected by Lee: edited",
    );
  });

  it("counts what was repeated, and what there is no room for", () => {
    const clicks = Array.from({ length: 99 }, () => event({}));
    expect(auditText(lifeOf([second], new Map([["v2", clicks]])))).toContain("not an approver (99 times)");
    const different = clicks.map((click, n) => ({ ...click, actor: `U0${n}` }));
    const life = lifeOf([second], new Map([["v2", different]]));
    const text = auditText(life);
    const lines = text.split("\n").filter((line) => line.startsWith("• "));
    expect(text).toContain(`and ${life.events.length - lines.length} more before these`);
  });

  it("is whole in the file: a line of JSON for the decision and for each event", () => {
    const life = lifeOf([second], new Map([["v2", Array.from({ length: 99 }, () => event({}))]]));
    const lines = lifeFile(life).trim().split("\n");
    expect(lines).toHaveLength(1 + life.events.length);
    expect(lines.every((line) => JSON.parse(line).kind !== undefined)).toBe(true);
    expect(lifeFileName(life)).toBe("decision-v2-audit.jsonl");
  });
});

const hostile = fc.oneof(
  fc.constantFrom(
    "<!channel> <@U0X> <https://evil.example|Approve>",
    "x&".repeat(10_000),
    "👩‍👩‍👧‍👦".repeat(90),
    "*_`~\n\r\u202e",
    "",
  ),
  fc.string({ unit: "grapheme", maxLength: 300 }),
);

describe("whatever the texts hold", () => {
  const inertAndWithin = (text: string) => {
    expect(messageProblems(textMessage(text))).toEqual([]);
    expect(text).not.toMatch(/<!channel>|<@U0X>|<https:\/\/evil/);
  };

  it("reminders fit into a message and call nobody but approvers, and those only at last", () => {
    fc.assert(
      fc.property(hostile, hostile, fc.constantFrom(...MARKS), (title, name, mark) => {
        const waiting = { ...decision({ title }), expiresAt: "2026-11-27T12:00:00.000Z" };
        const escalation = { at: "2026-11-26T12:00:00.000Z", to: ["U0LEE", "S0BOARD"] };
        const text = reminderText({
          decision: mark === 90 ? { ...waiting, escalation } : waiting,
          ...{ mark, at: "2026-11-26T12:00:00.000Z", approvers: ["U0DANA", "S0LEADERS"], names: [name] },
        });
        inertAndWithin(text);
        for (const call of ["<@U0DANA>", "<!subteam^S0LEADERS>", "<@U0LEE>", "<!subteam^S0BOARD>"])
          expect(text.includes(call)).toBe(mark === 90);
      }),
      { numRuns: 60 },
    );
  });

  it("answers about a decision fit into a message and are inert", () => {
    fc.assert(
      fc.property(hostile, hostile, fc.integer({ min: 1, max: 60 }), (title, words, count) => {
        const about = decision({ title, id: words || "v1", state: RECORDED });
        const noted = Array.from({ length: count }, (_, n) =>
          event({
            actor: `${words}${n}`,
            action: words || "x",
            detail: `${n} ${words}`,
            outcome: words || "done",
          }),
        );
        inertAndWithin(auditText(lifeOf([about], new Map([[about.id, noted]]))));
        const found = Array.from({ length: 8 }, () => ({
          id: words,
          title,
          createdAt: "2026-11-20T09:00:00Z",
        }));
        inertAndWithin(severalText(found));
        inertAndWithin(noneText(words, found));
        inertAndWithin(auditFileComment(title));
      }),
      { numRuns: 60 },
    );
  });

  it("a card that was escalated says to whom as long as it is open", () => {
    const escalation = {
      at: "2026-11-26T12:00:00.000Z",
      to: Array.from({ length: 40 }, (_, n) => `U0PERSON${n}`),
    };
    const open = decisionCard(decision({ escalation }));
    expect(messageProblems(open)).toEqual([]);
    expect(JSON.stringify(open.blocks)).toContain("Escalated to <@U0PERSON0>");
    expect(JSON.stringify(open.blocks)).toContain("and 32 more");
    expect(JSON.stringify(decisionCard(decision({ escalation, state: RECORDED })).blocks)).not.toContain(
      "Escalated",
    );
  });
});
