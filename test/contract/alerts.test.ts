/** Alerts on a real store, posted to the Slack stand-in: one message each, whatever happens on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAlertMessages } from "../../src/store/alert-messages.ts";
import { createAlertStore } from "../../src/store/alerts.ts";
import { ALERTS, type AlertStation, DECISIONS, openStation } from "./alert-station.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DANA = { slackId: "U0DANA0001", name: "Dana Reyes" };

let station: AlertStation;

/** Looks again until it holds; for what Slack does not show. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

beforeAll(async () => {
  station = await openStation();
});

afterAll(() => station.close());

beforeEach(() => {
  // A minute's allowance of messages of its own per test, and no storm that is still on.
  station.moveClock(20 * MINUTE);
  station.slack.calls.length = 0;
  station.slack.faults.clear();
  // One message a second matters where there are many.
  station.slack.hasRateLimits = false;
});

const titled = (title: string, channel: string = ALERTS) =>
  station.cards(channel).filter((card) => JSON.stringify(card.blocks).includes(title));
const words = (title: string, channel: string = ALERTS) =>
  JSON.stringify(titled(title, channel)[0]?.blocks ?? []);
const idOf = (title: string) => /\{\\+"id\\+":\\+"([^"\\]+)/.exec(words(title))?.[1] ?? "";

describe("one problem", () => {
  it("raised by many at the same moment is one message that counts them", async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => station.raise({ key: "same", source: `s${n % 3}` })),
    );
    await station.until(() => words("same").includes("Seen 30 times"), "the count");
    expect(titled("same")).toHaveLength(1);
    expect(words("same")).toContain("Reported by 3 sources");
  });

  it("is edited in place until nobody sees it any more", async () => {
    await station.raise({ key: "two-sources", source: "a" });
    await station.raise({ key: "two-sources", source: "b" });
    await station.until(() => titled("two-sources").length === 1, "the message");
    await station.alerts.alarm.resolve({ key: "two-sources", source: "a", detail: null });
    expect(words("two-sources")).toContain("alert_ack");
    await station.alerts.alarm.resolve({ key: "two-sources", source: "b", detail: "It is back." });
    await station.until(() => words("two-sources").includes("It is back."), "the end");
    expect(words("two-sources")).not.toContain("alert_ack");
    expect(titled("two-sources")).toHaveLength(1);
  });

  it("that gets worse says so in its thread, in the channel too, and once", async () => {
    await station.raise({ key: "worse" });
    await station.until(() => titled("worse").length === 1, "the message");
    const [card] = titled("worse");
    if (!card) throw new Error("no card");
    await station.raise({ key: "worse", severity: "critical", detail: "Much worse." });
    await station.until(() => station.replies(card).length === 1, "the reply");
    expect(station.replies(card)[0]?.text).toMatch(/Now critical.*Much worse/s);
    await station.raise({ key: "worse", severity: "critical", detail: "Much worse." });
    await station.raise({ key: "worse", severity: "critical", detail: "Much worse." });
    await station.until(() => words("worse").includes("Critical"), "the edit");
    expect(station.replies(card)).toHaveLength(1);
  });

  it("acknowledged by name asks again in its thread when it is still there", async () => {
    await station.raise({ key: "forgotten" });
    await station.until(() => titled("forgotten").length === 1, "the message");
    const id = idOf("forgotten");
    const acknowledged = await station.alerts.desk.act(id, { kind: "acknowledge" }, DANA);
    expect(acknowledged).toMatchObject({ kind: "done", count: 1 });
    const sam = { slackId: "U0SAM00001", name: "Sam" };
    expect(await station.alerts.desk.act(id, { kind: "acknowledge" }, sam)).toMatchObject({
      kind: "already",
      state: { by: { name: "Dana Reyes" } },
    });
    await station.until(() => words("forgotten").includes("Acknowledged by Dana Reyes"), "the name");
    const rows = await station.store.db.selectFrom("audit").selectAll().where("subject", "=", id).execute();
    expect(rows).toMatchObject([{ actor: "U0DANA0001", action: "alert.acknowledge", outcome: "done" }]);
    const [card] = titled("forgotten");
    if (!card) throw new Error("no card");
    station.moveClock(4 * HOUR + MINUTE);
    await station.raise({ key: "another" });
    await station.until(() => station.replies(card).length === 1, "the reminder");
    expect(station.replies(card)[0]?.text).toContain(
      "<@U0DANA0001> acknowledged this, and it is still there",
    );
    await station.until(() => words("forgotten").includes("Firing since"), "firing again");
  });

  it("that was deleted or whose channel is gone is told again, in the fallback channel with the reason", async () => {
    await station.raise({ key: "homeless" });
    await station.until(() => titled("homeless").length === 1, "the message");
    await station.idle();
    const archived = { kind: "status", status: 200, code: "is_archived" } as const;
    station.slack.faults.add({ route: "chat.update", times: 1, effect: archived });
    station.slack.faults.add({ route: "chat.postMessage", times: 1, effect: archived });
    await station.raise({ key: "homeless", severity: "critical" });
    await station.until(() => titled("homeless", DECISIONS).length === 1, "the message elsewhere");
    expect(words("homeless", DECISIONS)).toContain("Meant for <#");
    expect(words("homeless", DECISIONS)).toContain("SLACK_ALERTS_CHANNEL");
  });
});

describe("whatever is lost on the way", () => {
  it("a post whose answer was lost is not made twice", async () => {
    station.slack.faults.add({
      route: "chat.postMessage",
      times: 1,
      effect: { kind: "reset", committed: true },
    });
    await station.raise({ key: "lost-answer" });
    await station.until(() => titled("lost-answer").length === 1, "the message");
    await station.alerts.alarm.resolve({ key: "lost-answer", source: "test", detail: "gone" });
    await station.until(() => words("lost-answer").includes("Over"), "the end");
    expect(titled("lost-answer")).toHaveLength(1);
  });

  it("what a dead process had raised, placed or not, is posted once by the next look", async () => {
    const book = { ...createAlertStore(station.store.db), ...createAlertMessages(station.store.db) };
    const now = new Date(Date.now() + 24 * HOUR);
    const dead = { severity: "warning", detail: "", source: "dead", url: null } as const;
    await book.raise({ ...dead, key: "raised-only", title: "raised-only" }, now);
    await book.raise({ ...dead, key: "placed-only", title: "placed-only" }, now);
    const placed = (await book.open()).filter(({ key }) => key === "placed-only");
    await book.giveOwn(
      placed.map(({ id }) => id),
      now,
    );
    await station.raise({ key: "wakes-the-others" });
    await station.until(
      () => titled("raised-only").length === 1 && titled("placed-only").length === 1,
      "both messages",
    );
  });

  it("a report that is not repeated fades, and the message says that nobody reports it any more", async () => {
    await station.raise({ key: "fading", freshForMs: 3 * MINUTE });
    await station.until(() => titled("fading").length === 1, "the message");
    station.moveClock(4 * MINUTE);
    await station.raise({ key: "something-else" });
    await station.until(() => words("fading").includes("Nobody reports it any more"), "the end");
  });
});

describe("while alerts are held back", () => {
  const places = (key: string) =>
    station.store.db.selectFrom("alerts").select(["place", "held_by", "state_kind"]).where("key", "=", key);

  it("maintenance holds all of them, tells at its end what is still there, in one message, and drops the rest", async () => {
    station.maintenance = { until: null, reason: "moving house" };
    await station.raise({ key: "held-1" });
    await station.raise({ key: "held-2", severity: "critical" });
    await station.raise({ key: "held-3" });
    await station.raise({ key: "held-over" });
    await station.alerts.alarm.resolve({ key: "held-over", source: "test", detail: null });
    await station.raise({ key: "held-last" });
    await eventually(async () => (await places("held-last").executeTakeFirst())?.held_by === "maintenance");
    expect(station.cards().filter((card) => JSON.stringify(card).includes("held-"))).toEqual([]);
    expect(await places("held-over").execute()).toMatchObject([{ place: null, state_kind: "resolved" }]);
    const overview = await station.alerts.desk.overview();
    expect(overview.hold).toMatchObject({ by: "maintenance", reason: "moving house" });
    expect(overview.open.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["held-1", "held-2", "held-3", "held-last"]),
    );

    station.maintenance = null;
    await station.raise({ key: "after-maintenance" });
    await station.until(
      () => titled("during maintenance").length >= 1 && titled("held-2").length === 1,
      "the summary",
    );
    await station.idle();
    const [summary] = titled("problems came up during maintenance");
    const text = JSON.stringify(summary?.blocks);
    for (const key of ["held-1", "held-3", "held-last"]) expect(text).toContain(key);
    expect(text).not.toContain("held-over");
    // A critical one is not to be found in a list.
    expect(text).not.toContain("held-2");
    expect(JSON.stringify(station.cards())).not.toContain("held-over");
  });

  it("acknowledging the summary acknowledges all that are open in it", async () => {
    const [summary] = titled("problems came up during maintenance");
    const id = /\{\\+"id\\+":\\+"([^"\\]+)/.exec(JSON.stringify(summary?.blocks))?.[1] ?? "";
    await station.alerts.alarm.resolve({ key: "held-1", source: "test", detail: null });
    expect(await station.alerts.desk.act(id, { kind: "acknowledge" }, DANA)).toMatchObject({
      kind: "done",
      count: 2,
    });
    await station.until(
      () => words("problems came up during maintenance").includes("Acknowledged by Dana Reyes"),
      "the acknowledgement",
    );
    expect(await station.alerts.desk.act(id, { kind: "resolve" }, DANA)).toMatchObject({ count: 2 });
    await station.until(() => titled("All 3 problems are over").length === 1, "the end");
    expect(words("All 3 problems are over")).not.toContain("alert_ack");
  });
});

describe("a storm", () => {
  it("of 500 events is few messages, loses none and doubles none", async () => {
    station.slack.hasRateLimits = true;
    const began = performance.now();
    const storm = Array.from({ length: 500 }, (_, n) =>
      // Half of them about five problems, the other half about one each.
      n % 2 === 0
        ? { key: `often-${(n / 2) % 5}`, source: `s${n % 7}` }
        : { key: `once-${n}`, source: "webhook" },
    );
    await Promise.all(storm.map((one) => station.raise(one)));
    const raisedMs = performance.now() - began;
    const counted = await station.store.db
      .selectFrom("alerts")
      .select((eb) => [eb.fn.sum<string>("count").as("events"), eb.fn.countAll<string>().as("alerts")])
      .where((eb) => eb.or([eb("key", "like", "often-%"), eb("key", "like", "once-%")]))
      .executeTakeFirstOrThrow();
    expect({ events: Number(counted.events), alerts: Number(counted.alerts) }).toEqual({
      events: 500,
      alerts: 255,
    });
    const storms = () => titled("problems in a short time");
    await station.until(
      () => storms().length === 1 && /\b255\b|\b25[0-4]\b/.test(JSON.stringify(storms()[0]?.blocks)),
      "the summary of all",
    );
    const open = (await station.alerts.desk.overview()).open.filter(({ key }) => /^(often|once)-/.test(key));
    expect(open).toHaveLength(255);
    const drawnMs = performance.now() - began;
    const sent = station.count("chat.postMessage");
    const edits = station.count("chat.update");
    process.stdout.write(
      `storm of 500: ${sent} messages, ${edits} edits, stored after ${Math.round(raisedMs)} ms, drawn after ${Math.round(drawnMs)} ms, 0 lost\n`,
    );
    expect(sent).toBeLessThanOrEqual(6);
    expect(edits).toBeLessThanOrEqual(12);
    const places = await station.store.db
      .selectFrom("alerts")
      .select(["key", "place"])
      .where((eb) => eb.or([eb("key", "like", "often-%"), eb("key", "like", "once-%")]))
      .execute();
    expect(places.filter(({ place }) => place === "own").length).toBeLessThanOrEqual(5);
    expect(places.filter(({ place }) => place === null)).toEqual([]);
  });
});
