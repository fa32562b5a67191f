/** The Railway adapter against the stand-in: what it asks, what it makes of each kind of failure. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { chooseTarget, liveOf, previousOf } from "../../src/domain/deployment.ts";
import { publicFace } from "../../src/railway/public-face.ts";
import { createRailway, type RailwaySettings } from "../../src/railway/railway.ts";
import { createRailwayStandIn } from "../../src/sandbox/railway/railway-stand-in.ts";
import type { Fault, RailwayStandIn } from "../../src/sandbox/stand-ins.ts";

let world: RailwayStandIn;

/** Nothing listens there any more. */
let nobody: string;

beforeAll(async () => {
  const gone = await createRailwayStandIn();
  nobody = gone.url;
  await gone.close();
  world = await createRailwayStandIn();
});

afterAll(() => world.close());

afterEach(() => {
  world.faults.clear();
  world.forbidden.clear();
  world.requestsPerHour = null;
});

function railway(change: Partial<RailwaySettings> = {}) {
  return createRailway({
    token: { kind: "project", value: world.projectToken },
    apiUrl: world.apiUrl,
    projectId: world.ids.project,
    environmentId: world.ids.environment,
    serviceId: world.ids.service,
    deploymentId: null,
    timeoutMs: 500,
    ...change,
  });
}

const account = () => ({ kind: "account" as const, value: world.accountToken });
const routes = () => world.calls.map(({ route }) => route.replace("POST /graphql/v2 ", ""));

async function failureOf(answer: Promise<{ ok: boolean; failure?: unknown }>) {
  const { ok, failure } = await answer;
  expect(ok).toBe(false);
  return failure;
}

describe("the list of deployments", () => {
  it("is newest first, with what is live and what it was made of", async () => {
    const answer = await railway().deployments();
    if (!answer.ok) throw new Error(answer.failure.message);
    const live = liveOf(answer.value);
    expect(live).toMatchObject({
      id: world.live()?.id,
      status: "SUCCESS",
      commit: { author: "dana", branch: "main", repo: "acme/executive-mind-matrix" },
      address: world.url,
    });
    expect(live?.page).toContain(`/project/${world.ids.project}/service/${world.ids.service}?id=${live?.id}`);
    const dates = answer.value.list.map(({ createdAt }) => createdAt);
    expect(dates).toEqual(dates.toSorted().toReversed());
    expect(previousOf(answer.value)?.commit?.message).toMatch(/^Remind approvers/);
  });

  it("is asked for with either kind of token, and once for many who look", async () => {
    for (const token of [undefined, account()]) {
      const client = railway(token ? { token } : {});
      const before = world.calls.length;
      const [one, two] = await Promise.all([client.deployments(), client.deployments()]);
      expect(one.ok && two.ok).toBe(true);
      expect(world.calls.length - before).toBe(1);
    }
  });

  it("leaves out what is missing or odd in the untyped details", async () => {
    const [newest] = world.deployments();
    if (!newest) throw new Error("no deployment");
    const { meta } = newest;
    for (const odd of [
      {},
      { commitHash: 7, commitMessage: ["x"] },
      { commitHash: "not a hash", repo: "a b" },
    ]) {
      world.change(newest.id, { meta: odd, staticUrl: null });
      const answer = await railway().deployments();
      expect(answer.ok && answer.value.list[0]).toMatchObject({ commit: null, image: null, address: null });
    }
    world.change(newest.id, { meta: { commitHash: "ABCDEF1234" } });
    const answer = await railway().deployments();
    expect(answer.ok && answer.value.list[0]?.commit).toEqual({
      ...{ hash: "abcdef1234", message: null, author: null, branch: null, repo: null },
    });
    world.change(newest.id, { meta, staticUrl: world.url });
  });

  it("carries a status that nobody has heard of as it is", async () => {
    const [newest] = world.deployments();
    if (!newest) throw new Error("no deployment");
    world.change(newest.id, { status: "CANCELLED" });
    const answer = await railway().deployment(newest.id);
    expect(answer.ok && answer.value.status).toBe("CANCELLED");
    world.change(newest.id, { status: "SUCCESS" });
  });

  it("does without the service where the token may not see it: the bot's own deployment is live", async () => {
    world.forbidden.add("serviceInstance");
    const own = world.live()?.id ?? "";
    const known = await railway({ deploymentId: own }).deployments();
    expect(known.ok && known.value.activeIds).toEqual([own]);
    const unknown = await railway().deployments();
    expect(unknown.ok && unknown.value.activeIds).toBeNull();
    expect(unknown.ok && liveOf(unknown.value)).toBeNull();
  });
});

describe("the set-up", () => {
  it("without a token says which variable is missing, and asks nobody", async () => {
    const before = world.calls.length;
    expect(await failureOf(railway({ token: null }).deployments())).toMatchObject({
      kind: "not-set-up",
      message: expect.stringContaining("RAILWAY_TOKEN is not set"),
    });
    expect(world.calls.length).toBe(before);
  });

  it("learns project and environment from a project token, and not the service", async () => {
    const bare = { projectId: null, environmentId: null };
    expect((await railway(bare).deployments()).ok).toBe(true);
    expect(await failureOf(railway({ ...bare, serviceId: null }).deployments())).toMatchObject({
      message: expect.stringContaining("RAILWAY_SERVICE_ID is not set"),
    });
    expect(await failureOf(railway({ ...bare, token: account() }).deployments())).toMatchObject({
      message: expect.stringContaining("RAILWAY_PROJECT_ID is not set"),
    });
  });

  it("with a token that is wrong, or of the other kind, names the variable and where to make a new one", async () => {
    const wrong = railway({ token: { kind: "project", value: "nonsense" } });
    expect(await failureOf(wrong.deployments())).toMatchObject({
      kind: "not-allowed",
      effect: "none",
      message: expect.stringMatching(/Project Token not found.*Settings → Tokens.*RAILWAY_TOKEN/),
    });
    const swapped = railway({ token: { kind: "account", value: world.projectToken } });
    expect(await failureOf(swapped.deployments())).toMatchObject({
      message: expect.stringMatching(/Not Authorized.*RAILWAY_API_TOKEN/),
    });
  });

  it("of another service is refused by Railway, not shown as empty", async () => {
    expect(await failureOf(railway({ serviceId: "other" }).deployments())).toMatchObject({
      kind: "not-allowed",
    });
  });

  it("tells plan and settings where the token may know them", async () => {
    expect(await railway().plan()).toBe("hobby");
    const settings = await railway().serviceSettings();
    expect(settings.ok && settings.value).toMatchObject({ healthcheckPath: "/health", drainingSeconds: 30 });
    world.forbidden.add("project");
    expect(await railway().plan()).toBeNull();
  });
});

/** What a failed mutation says about the world: "none" = nothing happened, "unknown" = look for it. */
const FAILURES: { name: string; fault: Fault["effect"]; expected: object }[] = [
  {
    name: "HTTP 200 with errors: the token may not",
    fault: { kind: "status", status: 200, body: { data: null, errors: [{ message: "Not Authorized" }] } },
    expected: { kind: "not-allowed", effect: "none" },
  },
  {
    name: "HTTP 200 with an error of the resolver",
    fault: {
      kind: "status",
      status: 200,
      body: {
        data: null,
        errors: [{ message: "Problem processing request", extensions: { code: "INTERNAL" } }],
      },
    },
    expected: {
      kind: "rejected",
      effect: "unknown",
      message: expect.stringContaining("Problem processing request"),
    },
  },
  {
    name: "HTTP 200 that says false",
    fault: { kind: "garbage", body: '{"data":{"deploymentRollback":false}}' },
    expected: { kind: "rejected", effect: "unknown" },
  },
  {
    name: "HTTP 200 that is no JSON",
    fault: { kind: "garbage", body: "<html>Please wait…</html>" },
    expected: { kind: "rejected", effect: "unknown", message: expect.stringContaining("cannot read") },
  },
  {
    name: "429 with the seconds to wait",
    fault: { kind: "status", status: 429, retryAfterSeconds: 90 },
    expected: {
      ...{ kind: "limited", effect: "none", retryAfterMs: 90_000 },
      message: expect.stringContaining("Try again in 90 seconds"),
    },
  },
  {
    name: "502 after it was carried out",
    fault: { kind: "committed-error", status: 502 },
    expected: { kind: "unreachable", effect: "unknown" },
  },
  {
    name: "408 of a proxy, after it was carried out",
    fault: { kind: "committed-error", status: 408 },
    expected: { kind: "unreachable", effect: "unknown" },
  },
  {
    name: "no answer in time, after it was carried out",
    fault: { kind: "hang", committed: true },
    expected: { kind: "unreachable", effect: "unknown", message: expect.stringContaining("0.5 seconds") },
  },
  {
    name: "a connection that is cut",
    fault: { kind: "reset", committed: true },
    expected: { kind: "unreachable", effect: "unknown" },
  },
  {
    name: "401",
    fault: { kind: "status", status: 401 },
    expected: { kind: "not-allowed", effect: "none" },
  },
];

describe("a rollback that fails", () => {
  it.each(FAILURES)(
    "$name: one request, and whether something may have happened",
    async ({ fault, expected }) => {
      world.faults.add({ route: "deploymentRollback", effect: fault });
      const before = world.calls.length;
      expect(await failureOf(railway().rollBack(world.deployments()[3]?.id ?? ""))).toMatchObject(expected);
      await expect.poll(() => world.calls.length - before).toBe(1);
    },
  );

  it("because nothing listens there has done nothing", async () => {
    expect(await failureOf(railway({ apiUrl: `${nobody}/graphql/v2` }).rollBack("x"))).toMatchObject({
      ...{ kind: "unreachable", effect: "none" },
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("because the hourly allowance is used up says when it is back", async () => {
    world.requestsPerHour = 0;
    expect(await failureOf(railway().deployments())).toMatchObject({
      kind: "limited",
      message: expect.stringMatching(/hourly limit.*Try again in \d+ minutes/),
    });
  });
});

describe("a rollback that works", () => {
  it("answers true and nothing else; the list has a new deployment of the same commit", async () => {
    const client = railway();
    const before = await client.deployments();
    if (!before.ok) throw new Error(before.failure.message);
    const target = previousOf(before.value);
    expect(await client.rollBack(target?.id ?? "")).toEqual({ ok: true, value: true });
    const after = await client.deployments();
    const [first] = after.ok ? after.value.list : [];
    expect(before.value.list.map(({ id }) => id)).not.toContain(first?.id);
    expect(first).toMatchObject({ status: "QUEUED", commit: { hash: target?.commit?.hash } });
    expect(after.ok && chooseTarget(target?.id ?? "", after.value).kind).toBe("found");
  });

  it("that fails later says in whose words", async () => {
    const { id } = world.deployments()[0] ?? { id: "" };
    world.nextTurnsOut = "fails";
    const failed = world.push({ message: "Breaks", author: "lee" });
    for (let stage = 0; stage < 5; stage += 1) world.step();
    expect(await railway().whyFailed(failed.id)).toMatch(/never became healthy/);
    expect(await railway().whyFailed(id)).toBeNull();
    expect(routes()).toContain("deploymentEvents");
  });
});

describe("the deployment's own face", () => {
  it("says who it is and how it is", async () => {
    expect(await publicFace(world.url)).toMatchObject({
      ...{
        kind: "answers",
        deploymentId: world.live()?.id,
        health: "healthy",
        isHealthy: true,
        isReady: true,
      },
    });
  });

  it("is not taken for good when it says unhealthy, is not ready, crashed or does not answer", async () => {
    world.faults.add({
      route: "GET /health",
      effect: { kind: "status", status: 503, body: { status: "unhealthy" } },
    });
    expect(await publicFace(world.url)).toMatchObject({ health: "unhealthy", isHealthy: false });
    world.faults.clear();
    world.faults.add({ route: "GET /ready", effect: { kind: "status", status: 503 } });
    expect(await publicFace(world.url)).toMatchObject({ isReady: false });
    world.faults.clear();
    world.faults.add({ route: /GET/, effect: { kind: "status", status: 502 } });
    expect(await publicFace(world.url)).toMatchObject({
      kind: "no-answer",
      reason: expect.stringContaining("502"),
    });
    world.faults.clear();
    world.faults.add({ route: /GET/, effect: { kind: "reset", committed: false } });
    expect(await publicFace(world.url)).toMatchObject({ kind: "no-answer" });
    expect(await publicFace(nobody)).toMatchObject({ kind: "no-answer" });
  });

  it("of an older version, which does not name its deployment, still names its commit", async () => {
    world.faults.add({ route: /GET \/$/, effect: { kind: "garbage", body: '{"commit":"ABC123"}' } });
    expect(await publicFace(world.url)).toMatchObject({ deploymentId: null, commit: "abc123" });
  });
});
