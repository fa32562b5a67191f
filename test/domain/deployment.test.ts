import { describe, expect, it } from "vitest";
import {
  chooseTarget,
  keptUntil,
  liveOf,
  obstacle,
  previousOf,
  shortName,
  statusClass,
  statusWords,
} from "../../src/domain/deployment.ts";
import {
  commit,
  deployment,
  deploymentList,
  FAILED,
  HASHES,
  IMAGE,
  LIVE,
  OLD,
  PREVIOUS,
} from "../fixtures/deployments.ts";

describe("a status", () => {
  it.each([
    ["SUCCESS", "live"],
    ["SLEEPING", "asleep"],
    ["DEPLOYING", "deploying"],
    ["WAITING", "waiting"],
    ["NEEDS_APPROVAL", "waiting"],
    ["CRASHED", "failed"],
    ["SKIPPED", "failed"],
    ["REMOVED", "gone"],
    ["CANCELLED", "unknown"],
    ["constructor", "unknown"],
  ])("%s is %s", (status, kind) => {
    expect(statusClass({ status, isStopped: false })).toBe(kind);
  });

  it("SUCCESS of a process that has ended is not live", () => {
    expect(statusClass({ status: "SUCCESS", isStopped: true })).toBe("ended");
    expect(statusWords({ status: "SUCCESS", isStopped: true })).toBe("Ended by itself");
  });

  it("that nobody has heard of is said to be so", () => {
    expect(statusWords({ status: "CANCELLED", isStopped: false })).toBe("CANCELLED (a state I do not know)");
  });
});

describe("what is live", () => {
  it("is the active one, not the newest that worked", () => {
    const newer = deployment({ id: "n", createdAt: "2026-11-22T00:00:00.000Z" });
    expect(liveOf(deploymentList({ list: [newer, LIVE] }))?.id).toBe(LIVE.id);
  });

  it("is the newest that serves while two overlap, and a crashed one when there is no other", () => {
    const next = deployment({ id: "n", createdAt: "2026-11-22T00:00:00.000Z" });
    const both = { list: [next, LIVE], activeIds: [LIVE.id, "n"] };
    expect(liveOf(both)?.id).toBe("n");
    expect(liveOf({ ...both, list: [{ ...next, status: "DEPLOYING" }, LIVE] })?.id).toBe(LIVE.id);
    expect(liveOf({ list: [{ ...LIVE, status: "CRASHED" }], activeIds: [LIVE.id] })?.id).toBe(LIVE.id);
  });

  it("is not guessed where the platform does not tell", () => {
    expect(liveOf(deploymentList({ activeIds: null }))).toBeNull();
    expect(previousOf(deploymentList({ activeIds: null }))).toBeNull();
  });
});

describe("what going back means", () => {
  it("is the newest earlier one that can be restored, past what failed", () => {
    expect(previousOf(deploymentList())?.id).toBe(PREVIOUS.id);
  });

  it("does not offer what was left by the last rollback", () => {
    const back = deployment({
      ...PREVIOUS,
      id: "back",
      status: "SUCCESS",
      createdAt: "2026-11-21T11:00:00.000Z",
    });
    const left = { ...LIVE, status: "REMOVED" };
    const after = { list: [back, left, FAILED, PREVIOUS, IMAGE, OLD], activeIds: ["back"] };
    expect(previousOf(after)?.id).toBe(IMAGE.id);
    expect(chooseTarget(LIVE.id, after).kind).toBe("found");
  });

  it("is the same commit with its earlier variables when that was merely deployed again", () => {
    const again = deployment({ id: "again", createdAt: "2026-11-21T11:00:00.000Z" });
    const after = { list: [again, { ...LIVE, status: "REMOVED" }, PREVIOUS], activeIds: ["again"] };
    expect(previousOf(after)?.id).toBe(LIVE.id);
  });

  it("is never a newer one, nor one whose image is gone", () => {
    const newer = deployment({ id: "n", status: "REMOVED", createdAt: "2026-11-22T00:00:00.000Z" });
    expect(previousOf(deploymentList({ list: [newer, LIVE, OLD] }))).toBeNull();
  });
});

describe("a target that a person names", () => {
  const list = deploymentList();

  it.each([
    ["a short commit", HASHES.previous.slice(0, 7)],
    ["a whole commit in capitals", HASHES.previous.toUpperCase()],
    ["a deployment", PREVIOUS.id],
    ["the beginning of a deployment", PREVIOUS.id.slice(0, 8)],
  ])("by %s is found", (_, typed) => {
    expect(chooseTarget(typed, list)).toMatchObject({ kind: "found", deployment: { id: PREVIOUS.id } });
  });

  it("without a commit is called by its id", () => {
    expect(shortName(IMAGE)).toBe("44444444");
    expect(chooseTarget("44444444", list).kind).toBe("found");
  });

  it("is refused with what stands in the way", () => {
    expect(chooseTarget("aaaa111", list)).toMatchObject({ kind: "not-possible", obstacle: "is-live" });
    expect(chooseTarget("dddd111", list)).toMatchObject({ kind: "not-possible", obstacle: "not-kept" });
    expect(chooseTarget("cccc111", list)).toMatchObject({ kind: "not-possible", obstacle: "never-worked" });
    expect(chooseTarget("eeee", list).kind).toBe("not-found");
    expect(chooseTarget("bb", list).kind).toBe("too-short");
    expect(chooseTarget("zz", list).kind).toBe("not-found");
    expect(chooseTarget("", list).kind).toBe("too-short");
  });

  it("that could be two commits is not guessed", () => {
    const twin = deployment({ id: "t", status: "REMOVED", commit: commit(`bbbb${"0".repeat(36)}`) });
    const both = deploymentList({ list: [...list.list, twin] });
    expect(chooseTarget("bbbb", both)).toMatchObject({ kind: "ambiguous", matches: [{}, {}] });
  });

  it("that was deployed twice is the newer one that can be restored", () => {
    const again = deployment({
      ...PREVIOUS,
      id: "again",
      createdAt: "2026-11-19T12:00:00.000Z",
      canRollBack: false,
    });
    const twice = deploymentList({ list: [LIVE, again, PREVIOUS] });
    expect(chooseTarget("bbbb111", twice)).toMatchObject({ kind: "found", deployment: { id: PREVIOUS.id } });
  });
});

describe("how long an image is kept", () => {
  it("counts from when its deployment was replaced, by plan", () => {
    expect(keptUntil(PREVIOUS, "hobby")).toEqual({
      ...{ kind: "until", at: "2026-11-24T10:01:00.000Z", plan: "hobby" },
    });
    expect(keptUntil(PREVIOUS, "trial")).toMatchObject({ at: "2026-11-22T10:01:00.000Z" });
  });

  it("is not guessed without a plan or a date", () => {
    expect(keptUntil(PREVIOUS, null)).toEqual({ kind: "unknown" });
    expect(keptUntil({ ...PREVIOUS, statusSince: null }, "pro")).toEqual({ kind: "unknown" });
    expect(keptUntil(LIVE, "pro")).toEqual({ kind: "while-live" });
  });

  it("is the platform's own word in the end", () => {
    expect(obstacle({ ...PREVIOUS, canRollBack: false }, deploymentList())).toBe("not-kept");
    expect(obstacle(FAILED, deploymentList())).toBe("never-worked");
  });
});
