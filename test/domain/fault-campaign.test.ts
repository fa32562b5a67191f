/** The pure parts of the fault campaign: what is drawn, how a failure is narrowed down, and what the rules notice. */
import { describe, expect, it } from "vitest";
import { brokenRules, flawsOf, isBeyondHealing } from "../faults/invariants.ts";
import { readOptions } from "../faults/options.ts";
import { drawSchedule, faultWords, parseSchedule, type Schedule } from "../faults/schedule.ts";
import { shrink, smaller } from "../faults/shrink.ts";
import type { Deed, Snapshot } from "../faults/snapshot.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";

function draw(seed: number, change: Partial<Parameters<typeof drawSchedule>[1]> = {}): Schedule {
  const options = { hasPostgres: true, hasSmallDisk: true, isQuick: false, undoSeconds: 0 };
  return drawSchedule(seededRandom(seed), { seed, ...options, ...change });
}

describe("a schedule", () => {
  it("is the same for the same seed, another one for another, and survives being printed", () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(8)).not.toEqual(draw(7));
    expect(parseSchedule(JSON.stringify(draw(7)))).toEqual(draw(7));
  });

  it("holds every kind of fault sooner or later, and only such as can be brought about", () => {
    const kinds = (change: Parameters<typeof draw>[1]) =>
      new Set(
        Array.from({ length: 200 }, (_, seed) => draw(seed, change)).flatMap(({ faults }) =>
          faults.map(({ kind }) => kind),
        ),
      );
    const all = ["clock", "database", "disk", "kill", "mail", "term", "vendor"];
    expect([...kinds({})].toSorted()).toEqual(all);
    const bare = { hasPostgres: false, hasSmallDisk: false };
    expect([...kinds(bare)].toSorted()).toEqual(all.filter((kind) => kind !== "database" && kind !== "disk"));
  });

  it("loses the answers of creates in most rounds, in every way there is", () => {
    const lost = Array.from({ length: 300 }, (_, seed) => draw(seed)).map(({ faults }) =>
      faults.map(faultWords).filter((fault) => /create.* after commit|kill in notion create/.test(fault)),
    );
    expect(lost.filter((ofRound) => ofRound.length > 0).length).toBeGreaterThan(200);
    expect(new Set(lost.flat())).toEqual(
      new Set(["504", "503", "reset", "hang"].map((what) => `notion create ${what} after commit`)).add(
        "kill in notion create",
      ),
    );
  });

  it("acts only on items that get a card, and never waits for minutes when it shall be quick", () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const { items, acts, faults } = draw(seed, { isQuick: true });
      const withCard = items
        .filter(({ kind }) => kind === "dialectic" || kind === "ordinary")
        .map(({ id }) => id);
      expect(acts.filter(({ item }) => !withCard.includes(item))).toEqual([]);
      const effects = faults.flatMap((fault) => (fault.kind === "vendor" ? [fault] : []));
      expect(effects.filter(({ side, effect }) => effect.kind === "hang" && side !== "slack")).toEqual([]);
    }
  });
});

describe("the command line", () => {
  it("says which seeds there are, how many rounds of a schedule, and what is no number", () => {
    const seeds = (...args: string[]) => readOptions(args, 7)?.seeds;
    expect(seeds("--rounds", "3")).toEqual([7, 8, 9]);
    expect(seeds("--seed", "4", "--rounds", "2")).toEqual([4, 5]);
    expect(seeds("--seed", "1,5,3")).toEqual([1, 5, 3]);
    expect([seeds("--schedule", "{}")?.length, seeds("--schedule", "{}", "--rounds", "4")?.length]).toEqual([
      1, 4,
    ]);
    expect(readOptions(["--help"], 7)).toBeNull();
    expect(() => seeds("--seed", "x")).toThrow(/--seed must be a whole number, and is "x"/);
    expect(() => seeds("--shrink-seconds", "")).toThrow(/--shrink-seconds must be/);
  });
});

describe("narrowing down", () => {
  const [LOST, DOUBLED, SLOW] = ["tasks of …: too few", "tasks of …: too many", "not finished: …"];
  const failed = (schedule: Schedule) => ({ schedule, rules: [LOST, DOUBLED] });
  const breaksWhere = (isBroken: (schedule: Schedule) => boolean) => async (schedule: Schedule) =>
    isBroken(schedule) ? [LOST] : [];

  it("keeps to what failed first: whatever else a smaller schedule breaks is another failure", async () => {
    const failing = draw(3);
    const guilty = JSON.stringify(failing.faults[1]);
    const run = async ({ faults }: Schedule) =>
      faults.some((fault) => JSON.stringify(fault) === guilty) ? [SLOW, DOUBLED] : [SLOW];
    const { schedule, isMinimal } = await shrink(failed(failing), { run, hasTime: () => true });
    expect(schedule.faults.map((fault) => JSON.stringify(fault))).toEqual([guilty]);
    expect(isMinimal).toBe(true);
  });

  it("leaves what makes it fail, and nothing else", async () => {
    const failing = draw(3);
    const guilty = failing.faults[1];
    const run = breaksWhere(
      (schedule) =>
        schedule.faults.some((fault) => JSON.stringify(fault) === JSON.stringify(guilty)) &&
        schedule.items.length > 0,
    );
    const { schedule, isMinimal } = await shrink(failed(failing), { run, hasTime: () => true });
    expect(schedule).toMatchObject({ faults: [guilty], acts: [], replicas: 1 });
    expect(schedule.items).toHaveLength(1);
    expect(isMinimal).toBe(true);
  });

  it("tries what could not be left out again only after everything else", async () => {
    const failing = draw(246);
    const guilty = [failing.faults[1], failing.acts[0]].map((part) => JSON.stringify(part));
    const run = breaksWhere(({ faults, acts }) => {
      const parts = [...faults, ...acts].map((part) => JSON.stringify(part));
      return guilty.every((part) => parts.includes(part));
    });
    const { schedule, runs } = await shrink(failed(failing), { run, hasTime: () => true });
    expect([schedule.faults, schedule.items, schedule.acts].map(({ length }) => length)).toEqual([1, 1, 1]);
    // Beginning anew after each success takes 24.
    expect(runs).toBeLessThanOrEqual(15);
  });

  it("ends with the time, at the shortest that failed so far", async () => {
    let left = 1;
    const hasTime = () => left-- > 0;
    const run = breaksWhere(() => true);
    const { schedule, runs, isMinimal } = await shrink(failed(draw(3)), { run, hasTime });
    expect({ runs, isMinimal }).toEqual({ runs: 1, isMinimal: false });
    expect(smaller(draw(3)).map((one) => one.schedule)).toContainEqual(schedule);
  });

  it("never leaves a click on an item that is gone, nor a fault of a replica that is gone", () => {
    for (const { schedule } of smaller(draw(11))) {
      const { items, acts, faults, replicas } = schedule;
      expect(acts.every(({ item }) => items.some(({ id }) => id === item))).toBe(true);
      expect(faults.every((fault) => !("replica" in fault) || fault.replica < replicas)).toBe(true);
    }
  });
});

const PIPE = "11111111-0000-4000-8000-000000000000";
const TASKS = ["one", "two", "three"];

const click: Deed = {
  ...{
    item: 0,
    pipe: PIPE,
    by: "dana",
    name: "Dana Reyes",
    what: "approve",
    sentAt: 1_000,
    answeredAt: 1_100,
  },
  ...{ isTaken: true, reason: null, tasks: null },
};

/** One item, approved by Dana, everything as it must be. */
function sound(): Snapshot {
  const item = { id: 0, atMs: 0, kind: "ordinary", name: 0, hostile: false, via: "notion" } as const;
  return {
    schedule: {
      ...{ seed: 1, store: "embedded", replicas: 1, notionPerMinute: 600, notionMs: 5, claudeMs: 5 },
      ...{ undoSeconds: 0, items: [item], faults: [] },
      acts: [{ item: 0, afterMs: 0, by: "dana", what: "approve", times: 1 }],
    },
    rowsOf: [{ item: 0, rows: ["row"] }],
    seen: {
      inbox: [{ id: "row", title: "Move it?", status: "Triaged_to_Intent", attempts: "1", lastError: "" }],
      intents: [{ id: "intent", title: "Move it?", source: "row", status: "Approved", decision: "Approved" }],
      pipes: [
        {
          ...{ id: PIPE, title: "Move it?", intent: "intent", status: "Approved", reason: "" },
          ...{ decidedBy: "Dana Reyes (U1)", proposedTasks: TASKS },
          slackMessage: "https://acme.slack.com/archives/C1/p100000",
        },
      ],
      cards: [
        {
          pipe: PIPE,
          ts: "1.00000",
          text: "Move it? Approved by Dana Reyes",
          buttons: [],
          replies: ["Approved"],
        },
      ],
      training: [
        ...[{ title: "Move it?", intent: "intent", outcome: "approved", decidedBy: "Dana Reyes (U1)" }].map(
          (row) => ({
            ...{ ...row, reason: "", tasks: TASKS },
          }),
        ),
      ],
      tasks: TASKS.map((title) => ({ title, intent: "intent", item: "" })),
      projects: [{ title: "Move it?", intent: "intent" }],
      log: [
        { title: "Put up for decision: Move it?", pipe: PIPE, intent: "intent" },
        { title: "Decision approved: Move it?", pipe: PIPE, intent: "intent" },
      ],
      ...{ nodes: [], deadLetters: [], posts: ["card:1", "decided:1"] },
    },
    kept: {
      decisions: [{ id: PIPE, state: "recorded", verdict: "approved", cardIsBehind: false }],
      audit: [{ actor: "U1", action: "decision.approved", subject: PIPE, outcome: "done" }],
      unfinished: [],
    },
    behaviour: { noise: [], deaths: [], leaks: [], overLimits: [] },
    ...{ deeds: [{ ...click }], troubles: [] },
  };
}

/** A sound world with one thing wrong; what the rules say. */
function withFault(spoil: (snapshot: Snapshot) => void): string {
  const snapshot = sound();
  spoil(snapshot);
  return brokenRules(snapshot).join("\n");
}

describe("the rules", () => {
  it("say nothing of a world in order", () => {
    expect(brokenRules(sound())).toEqual([]);
  });

  const wrongs: [string, (snapshot: Snapshot) => unknown, RegExp][] = [
    ["a lost item", ({ seen }) => (seen.inbox = []), /item 0 is gone/],
    [
      "an item that is not done",
      ({ seen }) => Object.assign(seen.inbox[0] ?? {}, { status: "Processing" }),
      /item 0 is Processing/,
    ],
    [
      "an attempt too many",
      ({ seen }) => Object.assign(seen.inbox[0] ?? {}, { attempts: "2" }),
      /attempts of item 0: 2 instead of 1/,
    ],
    [
      "two intents",
      ({ seen }) => seen.intents.push({ ...seen.intents[0], id: "other" } as never),
      /intents of item 0: 2/,
    ],
    [
      "two pipes",
      ({ seen }) => seen.pipes.push({ ...seen.pipes[0], id: "other" } as never),
      /pipes of item 0 that count: 2/,
    ],
    ["two cards", ({ seen }) => seen.cards.push(...seen.cards), /cards of pipe .*: 2 instead of 1/],
    ["a post for the same thing twice", ({ seen }) => seen.posts.push("card:1"), /posted twice: card:1/],
    ["two training rows", ({ seen }) => seen.training.push(...seen.training), /training rows of .*: 2/],
    ["a task twice", ({ seen }) => seen.tasks.push(...seen.tasks.slice(0, 1)), /tasks of pipe/],
    ["a task missing", ({ seen }) => seen.tasks.pop(), /tasks of pipe/],
    ["no project", ({ seen }) => (seen.projects = []), /projects of .*: 0 instead of 1/],
    [
      "a decision logged twice",
      ({ seen }) => seen.log.push(...seen.log.slice(1)),
      /decisions logged of .*: 2/,
    ],
    [
      "an intent that says otherwise",
      ({ seen }) => Object.assign(seen.intents[0] ?? {}, { status: "Pending_Approval" }),
      /its intent Pending_Approval/,
    ],
    [
      "a card that says otherwise",
      ({ seen }) => Object.assign(seen.cards[0] ?? {}, { text: "Recording…" }),
      /its card says: Recording/,
    ],
    [
      "a card that can still be clicked",
      ({ seen }) => seen.cards[0]?.buttons.push("decision_approve"),
      /its card says/,
    ],
    [
      "a thread that says nothing",
      ({ seen }) => Object.assign(seen.cards[0] ?? {}, { replies: [] }),
      /does not say how it ended/,
    ],
    [
      "a record of nothing",
      ({ seen }) => seen.tasks.push({ title: "who?", intent: "", item: "" }),
      /a stray task/,
    ],
    [
      "a decision that nobody made",
      ({ deeds }) => Object.assign(deeds[0] ?? {}, { what: "reject" }),
      /which nobody did/,
    ],
    [
      "a decision of somebody who may not",
      ({ deeds }) => Object.assign(deeds[0] ?? {}, { by: "lee" }),
      /which nobody did/,
    ],
    [
      "a decision that is not made",
      ({ seen }) => Object.assign(seen.pipes[0] ?? {}, { status: "Pending" }),
      /although people decided/,
    ],
    [
      "a replacement without a change",
      ({ seen }) => Object.assign(seen.pipes[0] ?? {}, { status: "Superseded" }),
      /nobody had changed it/,
    ],
    [
      "another state in the store",
      ({ kept }) => Object.assign(kept?.decisions[0] ?? {}, { state: "recording" }),
      /in the store recording/,
    ],
    [
      "a decision that is not in the audit",
      ({ kept }) => Object.assign(kept ?? {}, { audit: [] }),
      /in the audit: 0 instead of 1/,
    ],
    [
      "work left in the engine",
      ({ kept }) => kept?.unfinished.push("record:1 ERROR"),
      /not finished: record:1 ERROR/,
    ],
    [
      "a word in the log",
      ({ behaviour }) => behaviour?.leaks.push("SLACK_BOT_TOKEN"),
      /in the log: SLACK_BOT_TOKEN/,
    ],
    [
      "a request too many",
      ({ behaviour }) => behaviour?.overLimits.push("notion"),
      /above the limit: notion/,
    ],
  ];
  it.each(wrongs)("notice %s", (_, spoil, words) => {
    expect(withFault(spoil)).toMatch(words);
  });

  const doubled = [
    ...["two intents", "two pipes", "two cards", "a post for the same thing twice", "two training rows"],
    ...["a task twice", "a record of nothing", "a decision logged twice"],
  ];
  const late = ["an item that is not done", "a task missing", "no project", "a card that says otherwise"];
  it.each(wrongs.filter(([what]) => doubled.includes(what) || late.includes(what)))(
    "tell what only takes its time from what stays: %s",
    (what, spoil) => {
      const isHopeless = withFault(spoil).split("\n").some(isBeyondHealing);
      expect(isHopeless).toBe(doubled.includes(what));
    },
  );

  const rulesOf = (spoil: (snapshot: Snapshot) => unknown) => {
    const snapshot = sound();
    spoil(snapshot);
    return flawsOf(snapshot).map(({ rule }) => rule);
  };

  it.each(wrongs)("have a name of their own, whatever they are broken about: %s", (_, spoil) => {
    const rules = rulesOf(spoil);
    expect(rules).not.toEqual([]);
    for (const rule of rules) expect(rule).not.toMatch(/Move it|11111111|item \d|Dana|\d instead/);
  });

  it("tell what is lost from what is doubled, and not how often", () => {
    const intents = (count: number) =>
      rulesOf(({ seen }) => {
        seen.intents = Array.from({ length: count }, () => seen.intents[0] as never);
      }).find((rule) => rule.startsWith("intents of"));
    expect([intents(0), intents(2), intents(3)]).toEqual([
      "intents of …: too few",
      "intents of …: too many",
      "intents of …: too many",
    ]);
  });

  it("take a plan that was changed and approved in Notion for an edited one, and only that", () => {
    const recorded = (...deeds: Partial<Deed>[]) =>
      withFault((snapshot) => {
        Object.assign(snapshot.seen.training[0] ?? {}, { outcome: "edited" });
        snapshot.deeds = deeds.map((deed) => ({ ...click, ...deed }));
      });
    const touched = { what: "touch", by: "sam", name: "Sam Okafor" } as const;
    expect(recorded(touched, { what: "approve-in-notion" })).not.toMatch(/nobody did/);
    expect(recorded({ what: "approve-in-notion" })).toMatch(/nobody did/);
    expect(recorded(touched, { what: "approve" })).toMatch(/nobody did/);
    const byLast = { what: "approve-in-notion", by: "sam", name: "Sam Okafor" } as const;
    expect(recorded({ what: "touch" }, byLast)).not.toMatch(/nobody did/);
    expect(recorded({ what: "touch", by: "lee" }, byLast)).toMatch(/nobody did/);
  });

  it("wait for the old one of two pipes when somebody had changed it", () => {
    const words = withFault(({ seen, deeds }) => {
      seen.pipes.push({ ...seen.pipes[0], id: "other" } as never);
      deeds.push({ ...click, what: "touch" });
    });
    expect(words).toMatch(/pipes of item 0 that count, one of them changed by somebody: 2 instead of 1/);
    const [twoPipes] = words.split("\n").filter((flaw) => flaw.startsWith("pipes of item 0"));
    expect(isBeyondHealing(twoPipes ?? "")).toBe(false);
  });

  it("give it to the first of two clicks when nothing disturbed it", () => {
    const later = { ...click, sentAt: 90_000, answeredAt: 90_100 };
    const first: Deed = { ...click, what: "reject", reason: "no", by: "sam", name: "Sam Okafor" };
    const both = (troubles: Snapshot["troubles"]) =>
      withFault((snapshot) => Object.assign(snapshot, { deeds: [first, later], troubles }));
    expect(both([])).toMatch(/sam was first to reject, and dana won/);
    expect(both([{ from: 900, to: 1_200 }])).toBe("");
  });
});
