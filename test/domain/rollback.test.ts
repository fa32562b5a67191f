import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Deployments, PlatformFailure } from "../../src/domain/deployment.ts";
import {
  changedSince,
  type Face,
  follow,
  leftBehind,
  nextLookMs,
  ROLLBACK_LIMIT_MS,
  type Rollback,
  type RollbackState,
  type Sighting,
} from "../../src/domain/rollback.ts";
import {
  commit,
  deployment,
  deploymentList,
  HASHES,
  IMAGE,
  LIVE,
  PREVIOUS,
  rollbackOf,
} from "../fixtures/deployments.ts";

const START = Date.parse("2026-11-21T12:00:00.000Z");
const momentAfter = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

/** What the rollback makes: a new deployment of the target's commit. */
const RESTORED = deployment({
  ...PREVIOUS,
  id: "99999999-0000-4000-8000-000000000000",
  status: "QUEUED",
  createdAt: momentAfter(1),
});
const withRestored = (status: string, activeIds = [LIVE.id]): Deployments =>
  deploymentList({ list: [{ ...RESTORED, status }, ...deploymentList().list], activeIds });
const ONLINE = withRestored("SUCCESS", [RESTORED.id]);
const WELL: Face = {
  ...{ kind: "answers", deploymentId: RESTORED.id, commit: HASHES.previous, health: "healthy" },
  ...{ isHealthy: true, isReady: true },
};
const FAILURE: PlatformFailure = {
  ...{ kind: "unreachable", message: "Railway did not answer within 10 seconds.", effect: "unknown" },
  retryAfterMs: null,
};

function sighting(seconds: number, deployments: Deployments | PlatformFailure, face: Face = WELL): Sighting {
  return {
    deployments:
      "kind" in deployments ? { ok: false, failure: deployments } : { ok: true, value: deployments },
    face,
    at: momentAfter(seconds),
  };
}

const asked = (accepted = true): Rollback =>
  rollbackOf({
    askedAt: momentAfter(0),
    state: { kind: "asked", accepted, note: accepted ? null : FAILURE.message },
  });

/** One look after the other. */
function seen(rollback: Rollback, ...sightings: Sighting[]): RollbackState {
  return sightings.reduce((state, one) => follow({ ...rollback, state }, one), rollback.state);
}

describe("a rollback that Railway accepted", () => {
  it("is followed from queued to healthy, and is healthy only when it said so twice", () => {
    const first = seen(asked(), sighting(5, withRestored("QUEUED")));
    expect(first).toMatchObject({
      kind: "following",
      deploymentId: RESTORED.id,
      words: "Queued",
      onlineSince: null,
    });
    const once = seen(asked(), sighting(5, withRestored("DEPLOYING")), sighting(60, ONLINE));
    expect(once).toMatchObject({ kind: "following", words: "Online", goodLooks: 1 });
    const twice = seen(asked(), sighting(60, ONLINE), sighting(65, ONLINE));
    expect(twice).toMatchObject({ kind: "ended", result: "healthy", deploymentId: RESTORED.id });
  });

  it("is not healthy by the platform's word alone", () => {
    const silent: Face = { kind: "no-answer", reason: "HTTP 502" };
    expect(seen(asked(), sighting(60, ONLINE, silent), sighting(70, ONLINE, silent)).kind).toBe("following");
    expect(seen(asked(), sighting(60, ONLINE, silent), sighting(250, ONLINE, silent))).toMatchObject({
      ...{ kind: "ended", result: "failed", reason: expect.stringContaining("HTTP 502") },
    });
  });

  it("counts good answers in a row only", () => {
    const unready: Face = { ...WELL, isReady: false };
    const state = seen(asked(), sighting(60, ONLINE), sighting(65, ONLINE, unready), sighting(70, ONLINE));
    expect(state).toMatchObject({ kind: "following", goodLooks: 1 });
  });

  it("has failed when it says unhealthy for long", () => {
    const sick: Face = { ...WELL, health: "unhealthy", isHealthy: false };
    expect(seen(asked(), sighting(60, ONLINE, sick), sighting(300, ONLINE, sick))).toMatchObject({
      ...{ kind: "ended", result: "failed", reason: expect.stringContaining("It says unhealthy") },
    });
  });

  it("that works, but says degraded, is not called healthy", () => {
    const halfWell: Face = { ...WELL, health: "degraded" };
    expect(seen(asked(), sighting(60, ONLINE, halfWell), sighting(65, ONLINE, halfWell))).toMatchObject({
      ...{ kind: "ended", result: "degraded", reason: "It answers and says degraded." },
    });
  });

  it("does not take the old deployment's answer for the new one's", () => {
    const old: Face = { ...WELL, deploymentId: LIVE.id };
    const older: Face = { ...WELL, deploymentId: null, commit: HASHES.live };
    for (const face of [old, older]) {
      expect(seen(asked(), sighting(60, ONLINE, face), sighting(65, ONLINE, face))).toMatchObject({
        ...{ kind: "following", goodLooks: 0, note: expect.stringContaining("another deployment") },
      });
    }
  });

  it("knows an older version by its commit, and one that says nothing by being alone", () => {
    const byCommit: Face = { ...WELL, deploymentId: null };
    expect(seen(asked(), sighting(60, ONLINE, byCommit), sighting(65, ONLINE, byCommit))).toMatchObject({
      result: "healthy",
    });
    const mute: Face = { ...WELL, deploymentId: null, commit: null };
    expect(seen(asked(), sighting(60, ONLINE, mute), sighting(65, ONLINE, mute))).toMatchObject({
      result: "healthy",
    });
    const two = withRestored("SUCCESS", [RESTORED.id, LIVE.id]);
    expect(seen(asked(), sighting(60, two, mute), sighting(65, two, mute)).kind).toBe("following");
  });

  it("of the same commit, with other variables, is not told apart by the commit", () => {
    const rollback = { ...asked(), from: { ...LIVE, commit: commit(HASHES.previous) } };
    const two = withRestored("SUCCESS", [RESTORED.id, LIVE.id]);
    const byCommit: Face = { ...WELL, deploymentId: null };
    expect(seen(rollback, sighting(60, two, byCommit), sighting(65, two, byCommit)).kind).toBe("following");
  });

  it("without an address to ask is 'no data on health', after the successor had its chance", () => {
    const nowhere: Face = { kind: "no-address" };
    expect(seen(asked(), sighting(60, ONLINE, nowhere))).toMatchObject({
      ...{ kind: "following", note: expect.stringContaining("No data on health") },
    });
    expect(seen(asked(), sighting(60, ONLINE, nowhere), sighting(160, ONLINE, nowhere))).toMatchObject({
      ...{ kind: "ended", result: "unverified", reason: expect.stringContaining("No data on health") },
    });
  });

  it.each([
    ["FAILED", "failed"],
    ["CRASHED", "failed"],
    ["SKIPPED", "failed"],
    ["REMOVED", "overtaken"],
  ])("whose deployment is %s has %s", (status, result) => {
    expect(seen(asked(), sighting(60, withRestored(status)))).toMatchObject({ kind: "ended", result });
  });

  it("whose process ends by itself has failed", () => {
    const stopped = deploymentList({
      list: [{ ...RESTORED, status: "SUCCESS", isStopped: true }],
      activeIds: [],
    });
    expect(seen(asked(), sighting(60, stopped))).toMatchObject({ kind: "ended", result: "failed" });
  });

  it("in a state that nobody has heard of goes on, and is not known in the end", () => {
    const odd = withRestored("CANCELLED");
    expect(seen(asked(), sighting(60, odd))).toMatchObject({
      kind: "following",
      words: expect.stringContaining("CANCELLED"),
    });
    expect(seen(asked(), sighting(60, odd), sighting(ROLLBACK_LIMIT_MS / 1000, odd))).toMatchObject({
      ...{ kind: "ended", result: "not-known", reason: expect.stringContaining("CANCELLED") },
    });
  });

  it("that leads to nothing is not known", () => {
    expect(seen(asked(), sighting(30, deploymentList()))).toMatchObject({ kind: "asked" });
    expect(seen(asked(), sighting(95, deploymentList()))).toMatchObject({
      kind: "ended",
      result: "not-known",
    });
  });

  it("is not ended by an outage of the platform", () => {
    const during = seen(asked(), sighting(60, ONLINE), sighting(65, FAILURE), sighting(70, FAILURE));
    expect(during).toMatchObject({
      kind: "following",
      note: expect.stringContaining("did not answer"),
      goodLooks: 0,
    });
  });

  it("is not mistaken for somebody's push of another commit", () => {
    const pushed = deployment({ id: "p", createdAt: momentAfter(2), commit: commit("e".repeat(40)) });
    const list = deploymentList({ list: [pushed, ...deploymentList().list] });
    expect(seen(asked(), sighting(20, list))).toMatchObject({ kind: "asked" });
  });

  it("of an image is known by the image; one without any mark when it is the only new one", () => {
    const rollback = { ...asked(), target: IMAGE };
    const twin = { ...RESTORED, commit: null, image: IMAGE.image };
    const unmarked = { ...RESTORED, commit: null, image: null };
    const listOf = (...fresh: (typeof RESTORED)[]) =>
      deploymentList({ list: [...fresh, ...deploymentList().list] });
    expect(seen(rollback, sighting(5, listOf(twin)))).toMatchObject({ deploymentId: RESTORED.id });
    expect(seen(rollback, sighting(5, listOf(unmarked)))).toMatchObject({ deploymentId: RESTORED.id });
    expect(seen(rollback, sighting(5, listOf(unmarked, { ...unmarked, id: "x" })))).toMatchObject({
      kind: "asked",
    });
  });
});

describe("a rollback whose answer was lost", () => {
  it("has happened when the list shows it", () => {
    expect(seen(asked(false), sighting(5, withRestored("QUEUED")))).toMatchObject({
      kind: "following",
      accepted: false,
    });
  });

  it("has not when nothing appears, and says what Railway said", () => {
    expect(seen(asked(false), sighting(95, deploymentList()))).toMatchObject({
      ...{ kind: "ended", result: "not-started", reason: expect.stringContaining(FAILURE.message) },
    });
  });
});

describe("what the form said", () => {
  const order = { target: PREVIOUS, from: LIVE };

  it("still holds when nothing changed", () => {
    expect(changedSince(order, deploymentList())).toBeNull();
  });

  it.each([
    [
      "the image is gone",
      deploymentList({ list: [LIVE, { ...PREVIOUS, canRollBack: false }] }),
      /no longer restore/,
    ],
    ["it is not listed", deploymentList({ list: [LIVE] }), /does not list/],
    ["another one is live", withRestored("SUCCESS", [RESTORED.id]), /is not live any more/],
    ["it is live", deploymentList({ activeIds: [PREVIOUS.id] }), /live already/],
    ["a newer one serves beside it", withRestored("SUCCESS", [LIVE.id, RESTORED.id]), /is not live any more/],
    ["nobody tells what is live", deploymentList({ activeIds: null }), /does not tell/],
  ])("does not when %s", (_, now, words) => {
    expect(changedSince(order, now)).toMatch(words);
  });
});

describe("a rollback that nobody carries on", () => {
  const unasked = rollbackOf();

  it("is not asked for any more after five minutes, and says that Railway was not asked", () => {
    expect(leftBehind(unasked, momentAfter(299))).toBeNull();
    expect(leftBehind(unasked, momentAfter(300))).toMatchObject({ kind: "ended", result: "not-started" });
  });

  it("is not called undone once Railway was asked: it is not known, when nobody can be following any more", () => {
    const cutOff = rollbackOf({ askedAt: momentAfter(1) });
    expect(leftBehind(cutOff, momentAfter(ROLLBACK_LIMIT_MS / 1_000 + 60))).toBeNull();
    expect(leftBehind(cutOff, momentAfter(ROLLBACK_LIMIT_MS / 1_000 + 600))).toMatchObject({
      result: "not-known",
    });
  });

  it("stays as it ended", () => {
    const state = {
      kind: "ended",
      result: "healthy",
      reason: null,
      at: momentAfter(60),
      deploymentId: "d",
    } as const;
    expect(leftBehind(rollbackOf({ state }), momentAfter(99_999))).toBeNull();
  });
});

describe("following", () => {
  it("looks often at first, then less, and waits as long as the platform wishes", () => {
    expect(nextLookMs(asked(), sighting(30, ONLINE))).toBe(5_000);
    expect(nextLookMs(asked(), sighting(300, ONLINE))).toBe(15_000);
    expect(nextLookMs(asked(), sighting(30, { ...FAILURE, retryAfterMs: 60_000 }))).toBe(60_000);
    expect(nextLookMs(asked(), sighting(30, { ...FAILURE, retryAfterMs: 3_600_000 }))).toBe(300_000);
  });

  it("always ends, whatever is seen, and never calls healthy what did not answer well", () => {
    const status = fc.constantFrom(
      "QUEUED",
      "DEPLOYING",
      "SUCCESS",
      "SLEEPING",
      "FAILED",
      "REMOVED",
      "NEW_WORD",
    );
    const face = fc.constantFrom<Face>(
      WELL,
      { ...WELL, isHealthy: false },
      { ...WELL, deploymentId: LIVE.id },
      { kind: "no-answer", reason: "silence" },
      { kind: "no-address" },
    );
    const look = fc.record({ status, face, isDown: fc.boolean(), seconds: fc.integer({ min: 1, max: 400 }) });
    fc.assert(
      fc.property(fc.array(look, { minLength: 5, maxLength: 30 }), fc.boolean(), (looks, accepted) => {
        let rollback = asked(accepted);
        let at = 0;
        let goodInARow = 0;
        for (const one of [...looks, { status: "QUEUED", face: WELL, isDown: true, seconds: 2_000 }]) {
          at += one.seconds;
          const list = withRestored(one.status, one.status === "SUCCESS" ? [RESTORED.id] : [LIVE.id]);
          const isGood = !one.isDown && one.face === WELL && ["SUCCESS", "SLEEPING"].includes(one.status);
          goodInARow = isGood ? goodInARow + 1 : 0;
          const state = follow(rollback, sighting(at, one.isDown ? FAILURE : list, one.face));
          if (state.kind === "ended" && state.result === "healthy") expect(goodInARow).toBeGreaterThan(1);
          rollback = { ...rollback, state };
          if (state.kind === "ended") return;
        }
        expect(rollback.state.kind).toBe("ended");
      }),
    );
  });
});
