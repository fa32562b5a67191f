/** Taking decisions back, and answers that cross other changes, on the real store and engine: restarts, cut-off steps, races. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Choice, DecisionRecord, Person } from "../../src/domain/decision.ts";
import { shownHash } from "../../src/domain/decision.ts";
import { advance } from "../../src/domain/decision-machine.ts";
import { createLog } from "../../src/log.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createAuditTrail } from "../../src/store/ledgers.ts";
import type { Store } from "../../src/store/store.ts";
import type { CardWorkflows } from "../../src/workflows/cards.ts";
import { decideSurely, registerDecide } from "../../src/workflows/decide.ts";
import type { WorkflowDeps } from "../../src/workflows/deps.ts";
import { createEngine, type Engine, registerWorkflow, startOnce, step } from "../../src/workflows/engine.ts";
import { registerQuestions } from "../../src/workflows/questions.ts";
import { isOverdue, registerUndo, registerUndoWindow } from "../../src/workflows/undo.ts";
import { decision, outcome, stand } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const log = createLog({ level: "CRITICAL", json: true });
/** Long enough for a click after the decision; the file waits for the last of them. */
const OPEN = { undoSeconds: 5 };
const DANA: Person = { slackId: "U0DANA0001", name: "Dana Reyes" };
const SAM: Person = { slackId: "U0SAM00001", name: "Sam" };

let store: Store;
let engine: Engine;
let bot: ReturnType<typeof register>;
/** Ids, each time one is recorded. */
const recorded: string[] = [];
/** The next change of a record is committed, but its writer is cut off before it learns of it. */
let cutOff = false;
/** The next change of a record waits for this. */
let held: Promise<void> | null = null;
/** Called whenever a record was looked at, or a decision could no longer be taken back. */
let onLook = () => {};
/** The next deed is written down, but its writer is cut off before it learns of it. */
let isDeedCutOff = false;
/** Whether whoever approved before may still. */
let stillMay: object = { kind: "may" };
/** What advisers answer, once they do. */
let said: Promise<object> = Promise.resolve({});

interface Rules {
  undoSeconds: number;
  approvalsRequiredHigh?: number;
  selfApproval?: "warn" | "forbid";
}

function register({ undoSeconds, approvalsRequiredHigh = 1, selfApproval = "warn" }: Rules) {
  const decisions = createDecisionStore(store.db);
  const find: typeof decisions.find = async (id) => {
    const found = await decisions.find(id);
    onLook();
    return found;
  };
  const trail = createAuditTrail(store.db);
  const record: typeof trail.record = async (entry) => {
    await trail.record(entry);
    if (!isDeedCutOff) return;
    isDeedCutOff = false;
    throw Object.assign(new Error("cut off"), { code: "ECONNRESET" });
  };
  const evolve: typeof decisions.evolve = async (id, change) => {
    const hold = held;
    held = null;
    await hold;
    const evolved = await decisions.evolve(id, change);
    if (!cutOff) return evolved;
    cutOff = false;
    throw Object.assign(new Error("cut off"), { code: "ECONNRESET" });
  };
  const deps = {
    people: { stillMay: async () => stillMay },
    books: { decisions: { ...decisions, find, evolve }, audit: { record } },
    meter: { decided: () => onLook() },
    rules: { undoSeconds, approvalsRequiredHigh, selfApproval, ttlHours: 0 },
    pause: { state: async () => null },
    notion: { catalogue: { advisers: async () => [] }, inbox: { read: async () => ({}) } },
    counsel: { advisers: () => [{ name: "The Quant" }], answer: () => said },
    now: () => new Date(),
  } as unknown as WorkflowDeps;
  const cards = { show: async () => {}, sayLine: async () => {} } as unknown as CardWorkflows;
  const carryOut = registerWorkflow("record-here", (id: string) =>
    step(`record:${id}`, async () => {
      const counts = { taskCount: 0, projectUrl: null, acceptanceRate: 1 };
      await decisions.evolve(id, (known) => {
        if (known.state.kind !== "recording") return { patch: null, result: false };
        const state = { outcome: known.state.outcome, recordedAt: new Date().toISOString(), ...counts };
        return advance(known, { kind: "recorded", state });
      });
      recorded.push(id);
    }),
  );
  const undoWindow = registerUndoWindow(deps, { cards, record: carryOut });
  const decider = registerDecide(deps, { cards, record: carryOut, undoWindow });
  const undo = registerUndo(deps, { cards, takeUpChange: async () => {} });
  return {
    decisions,
    talk: registerQuestions(deps, cards, async () => {}),
    undo,
    undoWindow,
    decide: (known: DecisionRecord, by: Person, choice: Choice = { kind: "approve" }) =>
      decideSurely({ look: (id) => decider.look(id, choice) }, known.id, (moment) =>
        decider.decide({ decisionId: known.id, hash: shownHash(known), choice, by }, "slack", moment),
      ),
  };
}

/** With these rules, as if started anew on the same data. */
async function start(rules: Rules): Promise<void> {
  engine = createEngine({
    store,
    log,
    patience: { firstIntervalSeconds: 0.05, backoffRate: 1, maxAttempts: 50 },
  });
  bot = register(rules);
  await engine.launch();
}

async function restart(rules: Rules): Promise<void> {
  await engine.shutdown(1_000);
  await start(rules);
}

const made = async (id: string): Promise<DecisionRecord> => {
  const fresh = decision({ id, expiresAt: null });
  await bot.decisions.insert(fresh);
  return fresh;
};
const stateOf = async (id: string) => (await bot.decisions.find(id))?.state.kind;
const deeds = async (id: string): Promise<string[]> =>
  (await store.db.selectFrom("audit").select("action").where("subject", "=", id).orderBy("id").execute()).map(
    ({ action }) => action,
  );
const timesRecorded = (id: string) => recorded.filter((one) => one === id).length;

beforeAll(async () => {
  store = await openOwnStore();
});

beforeEach(() => start(OPEN));

afterEach(async () => {
  cutOff = false;
  onLook = () => {};
  await engine.shutdown(1_000);
});

afterAll(async () => {
  await start(OPEN);
  await engine.idle();
  await engine.shutdown(1_000);
  await store.close();
});

it("a decision that is taken back was never made, and can be made otherwise", async () => {
  const known = await made("otherwise");
  expect(await bot.decide(known, DANA)).toEqual({ kind: "accepted" });
  expect(await stateOf("otherwise")).toBe("undoable");
  expect(await bot.undo("otherwise", SAM)).toEqual({ kind: "not-yours", by: DANA });
  expect(await bot.undo("otherwise", DANA)).toEqual({ kind: "undone" });
  expect(await stateOf("otherwise")).toBe("pending");

  await restart({ undoSeconds: 0 });
  expect(await bot.decide(known, SAM, { kind: "reject", reason: "No." })).toEqual({ kind: "accepted" });
  await expect.poll(() => stateOf("otherwise")).toBe("recorded");
  expect(timesRecorded("otherwise")).toBe(1);
  expect(await deeds("otherwise")).toEqual(["decision.approved", "decision.undone", "decision.rejected"]);
});

it("an undo that was taken goes before the end of the window, however long it takes", async () => {
  const known = await made("first");
  await bot.decide(known, DANA);
  let letUndo = () => {};
  held = new Promise((resolve) => {
    letUndo = resolve;
  });
  const undone = bot.undo("first", DANA);
  await expect.poll(() => held === null).toBe(true);
  const looked = new Promise<void>((resolve) => {
    onLook = resolve;
  });
  await bot.undoWindow.end("first", 0);
  await looked;
  letUndo();
  expect(await undone).toEqual({ kind: "undone" });
  expect(await stateOf("first")).toBe("pending");
  expect(timesRecorded("first")).toBe(0);
});

it("a deed is in the audit once, although its writer was cut off before it knew", async () => {
  const known = await made("deeds");
  isDeedCutOff = true;
  await bot.decide(known, DANA);
  isDeedCutOff = true;
  await bot.undo("deeds", DANA);
  expect(await deeds("deeds")).toEqual(["decision.approved", "decision.undone"]);
});

it("nothing is recorded before the window ends; then it is, once, whatever restarts there were", async () => {
  await restart({ undoSeconds: 3 });
  const known = await made("restarted");
  await bot.decide(known, DANA);
  expect(timesRecorded("restarted")).toBe(0);
  const open = (await bot.decisions.find("restarted"))?.state;
  const until = open?.kind === "undoable" ? open.until : "";
  // The wait that was begun is the one that ends it, no shorter and no longer.
  await restart({ undoSeconds: 0 });
  await expect.poll(() => stateOf("restarted"), { timeout: 10_000 }).toBe("recorded");
  const ended = (await bot.decisions.find("restarted"))?.state;
  const since = ended?.kind === "recorded" ? ended.since : undefined;
  expect(Date.parse(since ?? "")).toBeGreaterThanOrEqual(Date.parse(until));
  await restart({ undoSeconds: 1 });
  expect(timesRecorded("restarted")).toBe(1);
  expect(await bot.undo("restarted", DANA)).toEqual({ kind: "too-late-to-undo" });
});

it("one that an older version began and did not end is carried out, once", async () => {
  const known = await made("older");
  await engine.shutdown(1_000);
  engine = createEngine({ store, log });
  const { decisions } = bot;
  const order = { id: "older", outcome: outcome({ via: "slack" }), token: "t" };
  // Its claim ended with null, and the process died right after.
  const before = registerWorkflow("decision", async (claim: typeof order): Promise<void> => {
    await step(`claim:${claim.id}`, async () => {
      await stand(decisions, claim.id, { kind: "recording", outcome: claim.outcome });
      return null;
    });
    await new Promise(() => {});
  });
  await engine.launch();
  await startOnce("decision:older", before, order);
  await expect.poll(() => stateOf("older")).toBe("recording");
  await restart(OPEN);
  await expect.poll(() => stateOf("older")).toBe("recorded");
  expect(timesRecorded("older")).toBe(1);
  await expect.poll(() => deeds("older")).toEqual(["decision.approved"]);
  expect((await bot.decide(known, SAM)).kind).toBe("already-decided");
});

it("one that was begun under other settings and is refused now leaves the decision to others", async () => {
  const known = await made("settings");
  const asker = { slackId: known.requestedBy, name: "Lee" };
  const rev = (await bot.decisions.find("settings"))?.rev ?? 0;
  await engine.shutdown(1_000);
  engine = createEngine({ store, log });
  // The process dies before its claim.
  const before = registerWorkflow("decide", async (_: object): Promise<void> => new Promise(() => {}));
  await engine.launch();
  const click = { decisionId: known.id, hash: shownHash(known), choice: { kind: "approve" }, by: asker };
  const event = { kind: "choose", click, via: "slack", at: new Date().toISOString(), round: 0 };
  await startOnce(`decision:settings:${rev}`, before, { id: known.id, event, token: "t", rev });
  await restart({ ...OPEN, selfApproval: "forbid" });
  expect(await bot.decide(known, SAM)).toEqual({ kind: "accepted" });
  expect((await bot.decisions.find("settings"))?.state).toMatchObject({ outcome: { by: SAM } });
});

it("the window of a decision that was taken back does not end the next one's", async () => {
  await restart({ undoSeconds: 1 });
  const known = await made("second");
  await bot.decide(known, DANA);
  await bot.undo("second", DANA);
  await restart(OPEN);
  await bot.decide(known, DANA);
  // The first window is over when its workflow is.
  await expect
    .poll(
      async () =>
        (await store.db.selectFrom("decisions").select("round").where("id", "=", "second").execute())[0],
    )
    .toEqual({ round: 1 });
  await expect.poll(() => windowIsOver("second", 0), { timeout: 10_000 }).toBe(true);
  expect(await stateOf("second")).toBe("undoable");
});

async function windowIsOver(id: string, round: number): Promise<boolean> {
  const { DBOS } = await import("@dbos-inc/dbos-sdk");
  return (await DBOS.getWorkflowStatus(`undo-window:${id}:${round}`))?.status === "SUCCESS";
}

it("a window that should be over, by a clock that is right, is ended by whoever looks, once", async () => {
  const known = await made("overdue");
  await bot.decide(known, DANA);
  const open = await bot.decisions.find("overdue");
  const seenAt = (laterMs: number) => open && isOverdue(open, new Date(Date.now() + laterMs));
  expect([seenAt(0), seenAt(30_000), seenAt(120_000), seenAt(-7_200_000)]).toEqual([
    false,
    false,
    true,
    true,
  ]);
  await bot.undoWindow.end("overdue", 0);
  await bot.undoWindow.end("overdue", 0);
  await expect.poll(() => stateOf("overdue")).toBe("recorded");
  await expect.poll(() => windowIsOver("overdue", 0), { timeout: 10_000 }).toBe(true);
  expect(timesRecorded("overdue")).toBe(1);
});

it("a step that is cut off after its change was written makes it once", async () => {
  const known = await made("cut");
  cutOff = true;
  expect(await bot.decide(known, DANA)).toEqual({ kind: "accepted" });
  cutOff = true;
  expect(await bot.undo("cut", DANA)).toEqual({ kind: "undone" });
  expect(await bot.decisions.find("cut")).toMatchObject({ round: 1, state: { kind: "pending" } });
  expect(await deeds("cut")).toEqual(["decision.approved", "decision.undone"]);
});

it("undo and the end of the window at the same moment: one of the two, never both", async () => {
  await restart({ undoSeconds: 0.05 });
  const ids = Array.from({ length: 12 }, (_, n) => `race-${n}`);
  const results = await Promise.all(
    ids.map(async (id, n) => {
      await bot.decide(await made(id), DANA);
      await new Promise((resolve) => setTimeout(resolve, 5 * n));
      return (await bot.undo(id, DANA)).kind;
    }),
  );
  await expect.poll(async () => (await Promise.all(ids.map(stateOf))).includes("undoable")).toBe(false);
  for (const [n, id] of ids.entries()) {
    const undone = results[n] === "undone";
    if (!undone) await expect.poll(() => stateOf(id)).toBe("recorded");
    expect([results[n], await stateOf(id)]).toEqual(
      undone ? ["undone", "pending"] : ["too-late-to-undo", "recorded"],
    );
    expect(timesRecorded(id)).toBe(undone ? 0 : 1);
  }
});

it("an adviser who answers while the decision is being replaced answers on what takes its place", async () => {
  const { decisions, talk } = bot;
  await made("between");
  let speak: (answer: object) => void = () => {};
  said = new Promise((resolve) => (speak = resolve));
  const at = new Date().toISOString();
  const question = { id: "q1", text: "Why?", by: DANA, to: { adviser: "The Quant" }, at };
  expect(await talk.ask({ decisionId: "between", question })).toEqual({ kind: "asked" });
  const reason = "All three were asked.";
  const closed = await decisions.evolve("between", (known) =>
    advance(known, { kind: "supersede", reason, at }),
  );
  speak({ kind: "ok", value: { text: "Because." }, calls: [] });
  const { DBOS } = await import("@dbos-inc/dbos-sdk");
  const steps = async () => (await DBOS.listWorkflowSteps("adviser-answer:between:q1:1")) ?? [];
  await expect.poll(async () => (await steps()).map(({ name }) => name)).toContain("note-answer:q1");
  const questions = closed?.decision.questions ?? [];
  await decisions.insert(decision({ id: "after", expiresAt: null, questions }));
  await decisions.evolve("between", (known) => advance(known, { kind: "replaced", by: "after" }));
  const answerOf = async () => (await decisions.find("after"))?.questions[0]?.answer?.text;
  await expect.poll(answerOf, { timeout: 10_000 }).toBe("Because.");
});

describe("two approvals", () => {
  it("one whose giver may no longer decide is void once, also by a step that was cut off", async () => {
    await restart({ undoSeconds: 0, approvalsRequiredHigh: 2 });
    const known = await made("lost");
    await bot.decide(known, DANA);
    stillMay = { kind: "lost", why: "Gone." };
    cutOff = true;
    expect(await bot.decide(known, SAM)).toEqual({ kind: "counted", given: 1, needed: 2 });
    stillMay = { kind: "may" };
    const votes = (await bot.decisions.find("lost"))?.approvals;
    expect(votes).toMatchObject([{ by: DANA, voided: { why: "Gone." } }, { by: SAM }]);
    await expect.poll(() => deeds("lost")).toEqual(["decision.vote", "decision.vote-void", "decision.vote"]);
    expect(await bot.decide(known, DANA)).toEqual({ kind: "accepted" });
  });

  it("clicked at the same moment by many: two are counted, one decision, and everybody is told what they did", async () => {
    await restart({ undoSeconds: 0, approvalsRequiredHigh: 2 });
    const known = await made("many");
    const people = Array.from({ length: 6 }, (_, n) => ({ slackId: `U0MANY000${n}`, name: `P${n}` }));
    const results = await Promise.all(people.map((by) => bot.decide(known, by)));
    await expect.poll(() => stateOf("many")).toBe("recorded");
    const count = (kind: string) => results.filter((result) => result.kind === kind).length;
    expect([count("counted"), count("accepted"), count("already-decided")]).toEqual([1, 1, 4]);
    expect(timesRecorded("many")).toBe(1);
    const state = (await bot.decisions.find("many"))?.state;
    expect(state).toMatchObject({ kind: "recorded", outcome: { approvals: [{}, {}] } });
    await expect
      .poll(async () => (await deeds("many")).toSorted())
      .toEqual(["decision.approved", "decision.vote"]);
  });

  it("one taken back while the other is given: both are done, and one more is needed", async () => {
    await restart({ undoSeconds: 0, approvalsRequiredHigh: 2 });
    const known = await made("crossing");
    expect(await bot.decide(known, DANA)).toEqual({ kind: "counted", given: 1, needed: 2 });
    const [undone, decided] = await Promise.all([bot.undo("crossing", DANA), bot.decide(known, SAM)]);
    if (undone.kind === "undone") {
      expect(decided).toEqual({ kind: "counted", given: 1, needed: 2 });
      expect(await stateOf("crossing")).toBe("pending");
    } else {
      expect([undone.kind, decided.kind]).toEqual(["too-late-to-undo", "accepted"]);
      await expect.poll(() => stateOf("crossing")).toBe("recorded");
    }
  });
});
