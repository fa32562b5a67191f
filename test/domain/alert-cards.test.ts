/** No alert, whatever its texts, makes a message that Slack would refuse or that does something by itself. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Severity } from "../../src/domain/alert.ts";
import type { AlertNote, AlertRecord, GroupReason } from "../../src/domain/alert-display.ts";
import type { AlertState } from "../../src/domain/alert-life.ts";
import { validateBlocks } from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems, viewProblems } from "../../src/slack/block-check.ts";
import { alertCard, alertNoteText, outageText } from "../../src/slack/cards/alert-card.ts";
import { alertGroupCard, groupNoteText } from "../../src/slack/cards/alert-group-card.ts";
import { alertList } from "../../src/slack/cards/alert-list.ts";
import { type Message, textMessage } from "../../src/slack/cards/blocks.ts";
import { snoozeView } from "../../src/slack/cards/snooze-view.ts";

const AT = "2026-11-20T10:00:00.000Z";
const text = fc.oneof(
  fc.constantFrom(
    ...[
      "",
      " ",
      "<!channel> <@U1> <https://evil.example|click>",
      "*bold* `code` ~x~ | > &amp;",
      "🧑‍🚀".repeat(400),
    ],
    ...["\u202Eabc\u0007", "a".repeat(20_000), "&".repeat(4_000), "مرحبا ".repeat(300), "line\n".repeat(500)],
  ),
  fc.string({ unit: "binary", maxLength: 300 }),
);
const person = text.map((name) => ({ slackId: "U0DANA0001", name }));
const state: fc.Arbitrary<AlertState> = fc.oneof(
  fc.constant({ kind: "firing" } as const),
  person.map((by) => ({ kind: "acknowledged", by, at: AT, until: AT }) as const),
  person.map((by) => ({ kind: "snoozed", by, at: AT, until: AT }) as const),
  fc
    .tuple(person, text, fc.constantFrom("ended" as const, "unseen" as const, "by-hand" as const))
    .map(([by, detail, how]) => ({ kind: "resolved", at: AT, how, by, detail }) as const),
);
const alert: fc.Arbitrary<AlertRecord> = fc
  .record({
    ...{ title: text, detail: text, state, url: fc.option(text), by: person },
    severity: fc.constantFrom<Severity>("info", "warning", "critical"),
    count: fc.integer({ min: 1, max: 1e9 }),
    returns: fc.integer({ min: 0, max: 1e6 }),
    heldBy: fc.constantFrom(null, "quiet-hours" as const, "maintenance" as const),
  })
  .map(({ heldBy, by, ...rest }) => ({
    ...{ id: "0123456789abcdef-m4x", key: "some-key", episode: 1, openedAt: AT, lastAt: AT, lapses: 1 },
    ...{ lapsed: { kind: "acknowledged", by }, reporters: 2, rev: 7, loudRev: 7 },
    ...rest,
    shown: {
      ...{ place: null, placedAt: null, heldBy, card: null, cardNo: 1, rev: 0, at: null, told: null },
      changedAt: AT,
    },
  }));

function accepted(message: Message): void {
  expect(messageProblems(message)).toEqual([]);
  expect(validateBlocks(message.blocks, "message")).toEqual([]);
  const words = JSON.stringify(message);
  // Nothing that pings, and no link that was not one.
  expect(words).not.toMatch(/<!(channel|here|everyone)|<@(?!U0DANA0001>)|\|click>/);
}

describe("for any texts", () => {
  it("a single alert, with and without the notice of a fallback", () => {
    fc.assert(
      fc.property(alert, fc.constantFrom(null, "Meant for <#C0ALERTS01>."), (record, notice) => {
        accepted(alertCard(record, { notice }));
      }),
      { numRuns: 150 },
    );
  });

  it("a message for many, and the list for one person", () => {
    const reasons = fc.constantFrom<GroupReason>("storm", "quiet-hours", "maintenance");
    fc.assert(
      fc.property(fc.array(alert, { minLength: 1, maxLength: 30 }), reasons, (members, reason) => {
        accepted(alertGroupCard({ id: "storm-0123", reason, members, draw: 3, notice: null }));
        const open = members.map((member, n) => ({ ...member, id: `${member.id}${n}` }));
        const hold = { by: "maintenance", until: AT, reason: "<!here>", sparesCritical: false } as const;
        accepted(alertList({ open, recent: members.slice(0, 5), hold }));
      }),
      { numRuns: 60 },
    );
  });

  it("replies, and the form", () => {
    const kinds = fc.constantFrom<AlertNote["kind"]>("worse", "lapsed", "returned", "repeated");
    fc.assert(
      fc.property(alert, kinds, fc.nat(), (record, kind, more) => {
        accepted(textMessage(alertNoteText(record, { kind, broadcast: true, more })));
        const morning = { at: AT, timezone: "Europe/Berlin" };
        const view = snoozeView({ id: record.id, title: record.title, isList: false, morning });
        expect(viewProblems(view)).toEqual([]);
      }),
      { numRuns: 150 },
    );
    accepted(textMessage(groupNoteText({ critical: 2, lapsed: 1 })));
    accepted(textMessage(outageText({ detail: "<!channel>", since: AT })));
  });
});

describe("words", () => {
  const [base] = fc.sample(alert, { numRuns: 1, seed: 1 });
  const record = (change: Partial<AlertRecord>): AlertRecord => ({ ...(base as AlertRecord), ...change });

  it("one who acknowledged is mentioned only when asked again", () => {
    const by = { slackId: "U0DANA0001", name: "Dana Reyes" };
    const acknowledged = record({
      state: { kind: "acknowledged", by, at: AT, until: AT },
      lapsed: { kind: "acknowledged", by },
    });
    expect(JSON.stringify(alertCard(acknowledged, { notice: null }))).not.toContain("<@");
    expect(alertNoteText(acknowledged, { kind: "lapsed", broadcast: true, more: 0 })).toContain(
      "<@U0DANA0001>",
    );
  });

  it("nobody having said that it is over is not the same as over", () => {
    const over = (how: "ended" | "unseen") =>
      JSON.stringify(
        alertCard(record({ state: { kind: "resolved", at: AT, how, by: null, detail: "" } }), {
          notice: null,
        }),
      );
    expect(over("unseen")).toContain("Nobody reports it any more");
    expect(over("unseen")).not.toMatch(/✅|Over|Resolved/);
    expect(over("ended")).toContain("Resolved ");
  });

  it("no line of a message for many is cut inside", () => {
    const by = { slackId: "U0DANA0001", name: "Dana Reyes" };
    const members = Array.from({ length: 12 }, (_, n) =>
      record({
        ...{ title: `${n} `.repeat(60), state: { kind: "acknowledged", by, at: AT, until: AT } },
        ...{ id: `${n}`, count: n + 2 },
      }),
    );
    const { blocks } = alertGroupCard({ id: "storm-0", reason: "storm", members, draw: 1, notice: null });
    const sections = blocks.flatMap((block) =>
      block.type === "section" && "text" in block ? [block.text?.text ?? ""] : [],
    );
    expect(sections.length).toBeGreaterThan(1);
    for (const text of sections) {
      expect(text).toMatch(/^👀 \*Critical: |^👀 \*Warning: |^👀 \*Note: /);
      expect(text.match(/<!date/g)?.length).toBe(text.match(/UTC>/g)?.length);
    }
  });
});
