/** Incidents: orders read, times computed, post-mortems drafted, cards drawn. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  durationLines,
  elapsedWords,
  type Incident,
  type TimelineFact,
  timesOf,
} from "../../src/domain/incident.ts";
import { MAX_TITLE, readIncidentOrder } from "../../src/domain/incident-order.ts";
import { postMortem } from "../../src/domain/post-mortem.ts";
import { messageProblems } from "../../src/slack/block-check.ts";
import {
  incidentDone,
  incidentOpened,
  openIncidentsText,
  unknownIncidentWord,
} from "../../src/slack/cards/incident-answers.ts";
import { incidentCard, postMortemReply, timelineReply } from "../../src/slack/cards/incident-card.ts";
import { sloMessage } from "../../src/slack/cards/slo.ts";
import { emptyReport, exampleReport } from "../fixtures/service-levels.ts";

const dana = { slackId: "U0DANA0001", name: "Dana Reyes" };
const sam = { slackId: "U0SAM00001", name: "Sam Okafor" };
const at = (time: string) => `2027-03-01T${time}:00.000Z`;

const base: Incident = {
  id: 3,
  severity: "P1",
  title: "Cards do not appear",
  openedBy: dana,
  openedAt: at("12:00"),
  owner: null,
  ownedAt: null,
  mitigatedAt: null,
  closed: null,
  postMortemUrl: null,
  problem: null,
  card: { channel: "C0ALERTS01", ts: "1.2" },
  cardUrl: "https://acme.slack.com/archives/C0ALERTS01/p12",
  rev: 4,
  cardRev: 3,
};

const fact = (
  kind: TimelineFact["kind"],
  time: string,
  change: Partial<TimelineFact> = {},
): TimelineFact => ({
  key: `${kind}:${time}`,
  at: at(time),
  kind,
  subject: null,
  by: null,
  text: `${kind} at ${time}`,
  ...change,
});

describe("orders", () => {
  it.each([
    ["", { kind: "list" }],
    ["LIST", { kind: "list" }],
    [
      "open p2: Poll  is\nslow",
      { kind: "open", severity: "P2", title: "Poll is slow", text: "Poll  is\nslow" },
    ],
    ["update Notion answers again", { kind: "update", number: null, text: "Notion answers again" }],
    ["update #7 3 replicas are gone", { kind: "update", number: 7, text: "3 replicas are gone" }],
    ["update 3 replicas are gone", { kind: "update", number: null, text: "3 replicas are gone" }],
    ["owner #2 me", { kind: "owner", number: 2, text: "me" }],
    ["mitigated", { kind: "mitigated", number: null, text: "" }],
    ["Close #12", { kind: "close", number: 12, text: "" }],
    ["opne P1 x", { kind: "unknown", word: "opne" }],
  ])("%j is read", (typed, order) => {
    expect(readIncidentOrder(typed)).toEqual(order);
  });

  it.each([
    ["open", "How bad is it?"],
    ["open P9 everything", "How bad is it?"],
    ["open Cards do not appear", "How bad is it?"],
    ["open P1", "The title is missing"],
    ["open P1   ", "The title is missing"],
    ["update", "The text is missing"],
    ["update #3", "The text is missing"],
    ["owner", "The person is missing"],
    [`update ${"x".repeat(3_000)}`, "3000 characters"],
  ])("%j is refused with the reason", (typed, words) => {
    const order = readIncidentOrder(typed);
    expect(order).toMatchObject({ kind: "problem" });
    expect(order.kind === "problem" ? order.problem : "").toContain(words);
  });

  it("never make a title too long, empty, or cut inside a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (text) => {
        const order = readIncidentOrder(`open P3 ${text}`);
        if (order.kind !== "open") return;
        expect(order.title.length).toBeGreaterThan(0);
        expect(order.title.length).toBeLessThanOrEqual(MAX_TITLE);
        expect(order.title).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });
});

describe("times", () => {
  it("come from what alerts and people did, in whatever order it was learnt", () => {
    const incident = { ...base, ownedAt: at("12:10"), closed: { by: sam, at: at("13:08") } };
    const facts = [
      fact("alert-resolved", "12:40", { subject: "b" }),
      fact("alert-raised", "11:57", { subject: "a" }),
      fact("alert-acknowledged", "12:04", { subject: "a" }),
      fact("alert-raised", "12:02", { subject: "b" }),
      fact("alert-resolved", "12:30", { subject: "a" }),
    ];
    const times = timesOf(incident, facts);
    expect(times).toMatchObject({
      firstAlertAt: at("11:57"),
      acknowledgedAt: at("12:04"),
      mitigatedAt: at("12:40"),
      mitigatedBy: "alerts",
      unresolved: 0,
    });
    expect(durationLines(times).map(({ label, words }) => `${label}: ${words}`)).toEqual([
      "First alert: 3 min before the opening (may be unrelated)",
      "Acknowledged: 4 min after the opening",
      "Mitigated: 40 min after the opening (when the last alert ended)",
      "Resolved: 1 h 8 min after the opening",
    ]);
  });

  it("are not invented", () => {
    expect(durationLines(timesOf(base, [])).map(({ words }) => words)).toEqual([
      "none before the opening",
      "not noted",
      "not noted",
      "not yet",
    ]);
    expect(timesOf(base, [])).toMatchObject({ mitigatedBy: null, unresolved: 0 });
    const stillUp = timesOf(base, [fact("alert-raised", "12:02", { subject: "b" })]);
    expect(stillUp).toMatchObject({ mitigatedAt: null, unresolved: 1 });
  });

  it("believe a person before the alerts", () => {
    const facts = [
      fact("alert-raised", "11:57", { subject: "a" }),
      fact("alert-resolved", "12:30", { subject: "a" }),
    ];
    expect(timesOf({ ...base, mitigatedAt: at("12:20") }, facts)).toMatchObject({
      mitigatedAt: at("12:20"),
      mitigatedBy: "person",
    });
  });

  it("read well", () => {
    const after = (minutes: number) =>
      elapsedWords(at("00:00"), new Date(Date.parse(at("00:00")) + minutes * 60_000).toISOString());
    expect([0, 1, 60, 68, 1440, 1500, 4500].map(after)).toEqual([
      "less than a minute",
      "1 min",
      "1 h",
      "1 h 8 min",
      "1 day",
      "1 day 1 h",
      "3 days 3 h",
    ]);
  });
});

describe("an incident whose alerts were over before it was opened", () => {
  it("is not called mitigated by them", () => {
    const facts = [
      fact("alert-raised", "11:40", { subject: "a" }),
      fact("alert-resolved", "11:50", { subject: "a" }),
    ];
    expect(timesOf(base, facts)).toMatchObject({ mitigatedAt: null, mitigatedBy: null, unresolved: 0 });
  });
});

describe("the post-mortem", () => {
  const closed: Incident = {
    ...base,
    owner: sam,
    ownedAt: at("12:10"),
    closed: { by: sam, at: at("13:08") },
  };

  it("fills in what is known and asks for what is not", () => {
    const facts = [
      fact("deploy", "11:50", { text: "A new deployment started (version 2.0.0, commit abc1234)" }),
      fact("opened", "12:00", { by: dana, text: "Cards do not appear" }),
      fact("alert-raised", "12:02", { subject: "a", text: "Alert (critical): Notion does not answer" }),
    ];
    const { title, text } = postMortem(closed, facts.toReversed());
    expect(title).toBe("Post-mortem of P1 incident #3: Cards do not appear");
    for (const words of [
      "Opened 2027-03-01 12:00 UTC by Dana Reyes. Closed 2027-03-01 13:08 UTC by Sam Okafor, after 1 h 8 min.",
      "Owner: Sam Okafor.",
      "Resolved: 1 h 8 min after the opening.",
      "2027-03-01 11:50  A new deployment started (version 2.0.0, commit abc1234)\n2027-03-01 12:00  Cards do not appear (Dana Reyes)",
      "WHAT HAPPENED AND WHY",
      "First alert: none before the opening.",
      "- No alert came before it was opened: which one should have?",
      "- Something was deployed or restarted shortly before it: did that cause it?",
      "- When did people stop feeling it?",
      "- One alert was still up when it was closed: why?",
      "FOLLOW-UP TASKS\n[ ]",
    ])
      expect(text).toContain(words);
    expect(text).not.toContain("Nobody owned it");
  });

  it("counts what is more than anybody reads", () => {
    const many = Array.from({ length: 1_000 }, (_, n) =>
      fact("alert-raised", "12:02", { subject: String(n) }),
    );
    const { text } = postMortem(closed, many);
    expect(text).toContain("and 600 more entries, until 2027-03-01 12:02");
    expect(text.length).toBeLessThan(60_000);
  });

  it("of another incident that got the same number after a restore is another one", () => {
    const again = { ...closed, openedAt: at("14:00") };
    expect(postMortem(again, []).key).not.toBe(postMortem(closed, []).key);
    expect(postMortem({ ...closed, title: "Renamed" }, []).key).toBe(postMortem(closed, []).key);
  });
});

describe("what Slack shows", () => {
  const HOSTILE =
    "<!channel> <@U0DANA0001> *b* `c` <https://evil.example|click> & \u202Erev 😀👩‍👩‍👧‍👦 ".repeat(300);
  const hostilePerson = { slackId: "U0EVIL00001", name: "<!here> *boss*" };
  /** Slack shows plain_text exactly as it is written; only mrkdwn is read. */
  const textsOf = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(textsOf);
    if (typeof value !== "object" || value === null) return [];
    if ("type" in value && value.type === "mrkdwn" && "text" in value) return [String(value.text)];
    return Object.values(value).flatMap(textsOf);
  };
  const isInert = (message: { text: string; blocks: unknown[] }) => {
    for (const text of [message.text, ...textsOf(message.blocks)])
      expect(text).not.toMatch(/<!(channel|here|everyone)|<https:\/\/evil|\u202E/);
  };

  it("stays within the limits and inert, whatever people and alerts wrote", () => {
    const hostile: Incident = {
      ...base,
      title: HOSTILE.slice(0, 2_000),
      openedBy: hostilePerson,
      owner: hostilePerson,
      problem: HOSTILE,
    };
    const facts = Array.from({ length: 500 }, (_, n) =>
      fact(n % 2 === 0 ? "update" : "alert-raised", "12:02", {
        key: String(n),
        by: hostilePerson,
        text: HOSTILE,
      }),
    );
    const closed: Incident = { ...hostile, closed: { by: hostilePerson, at: at("13:00") } };
    for (const incident of [hostile, closed, { ...closed, postMortemUrl: "https://app.notion.com/p/1" }]) {
      for (const timeline of [facts, facts.slice(0, 1), []]) {
        if (timeline.length === 0) continue;
        const card = incidentCard(incident, timeline, { notice: "Meant for <#C0ALERTS01>." });
        expect(messageProblems(card)).toEqual([]);
        isInert(card);
      }
    }
    for (const told of [facts, facts.slice(0, 1), facts.slice(1, 2)]) {
      const reply = timelineReply(told);
      expect(messageProblems(reply)).toEqual([]);
      isInert(reply);
    }
    const answers = [
      incidentOpened(hostile, "C0ALERTS01"),
      incidentDone("closed", closed),
      openIncidentsText(
        Array.from({ length: 40 }, () => hostile),
        new Date(at("14:00")),
      ),
      unknownIncidentWord(HOSTILE),
    ];
    for (const answer of answers) expect(answer).not.toMatch(/<!(channel|here)|<https:\/\/evil/);
  });

  it("names the state in words, who has it, and what comes next", () => {
    const opened = JSON.stringify(
      incidentCard(base, [fact("opened", "12:00", { by: dana })], { notice: null }),
    );
    expect(opened).toContain("P1 incident #3: Cards do not appear");
    expect(opened).toContain("*Open*, P1: nothing works. Opened by Dana Reyes");
    expect(opened).toContain("Owner: nobody yet");
    const closed = incidentCard(
      {
        ...base,
        owner: sam,
        closed: { by: sam, at: at("13:08") },
        postMortemUrl: "https://app.notion.com/p/1",
      },
      [fact("closed", "13:08", { by: sam })],
      { notice: null },
    );
    expect(JSON.stringify(closed)).toContain("*Closed* by Sam Okafor");
    expect(JSON.stringify(closed)).toContain("<https://app.notion.com/p/1|Post-mortem in Notion>");
  });

  it("calls a new owner by the mention, and counts what a reply cannot hold", () => {
    const owner = fact("owner", "12:01", { by: dana, subject: "U0SAM00001", text: "Owner: Sam Okafor" });
    expect(timelineReply([owner]).text).toContain("<@U0SAM00001>");
    const storm = Array.from({ length: 500 }, (_, n) => fact("alert-raised", "12:02", { key: String(n) }));
    expect(timelineReply(storm).text).toContain("and 485 more");
    expect(postMortemReply("https://app.notion.com/p/1").text).toContain("Post-mortem in Notion");
  });

  it("offers the nearest word", () => {
    expect(unknownIncidentWord("opne")).toContain("Did you mean `/emm incident open`?");
    expect(unknownIncidentWord("xyzzyxyzzy")).not.toContain("Did you mean");
  });

  it("shows service levels within the limits, with and without data", () => {
    for (const report of [exampleReport(), emptyReport()])
      expect(messageProblems(sloMessage(report))).toEqual([]);
    const full = JSON.stringify(sloMessage(exampleReport()));
    expect(full).toContain("*Burning: Poll on time*, last good poll at most 180 s ago");
    expect(full).toContain(
      "*99.94 %* of 3,360 clicks and commands; target 99.9 %. Error budget 40 % left (2 of 3.4 used).",
    );
    const empty = JSON.stringify(sloMessage(emptyReport()));
    expect(empty).toContain("No clicks or commands counted in these days; target 99.9 %.");
    expect(empty).not.toContain("100 %");
  });
});
