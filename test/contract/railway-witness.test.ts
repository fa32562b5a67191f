/** What Railway's own word makes of a deployment that a webhook speaks of. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DeploymentTestimony, deploymentChange } from "../../src/domain/deployment-alert.ts";
import { createWitness } from "../../src/railway/witness.ts";
import { createRailwayStandIn } from "../../src/sandbox/railway/railway-stand-in.ts";
import type { RailwayDeployment, RailwayStandIn } from "../../src/sandbox/stand-ins.ts";

let world: RailwayStandIn;
/** Of the deployment that is live at first. */
let id: string;
beforeAll(async () => {
  world = await createRailwayStandIn();
  id = world.live()?.id ?? "";
});
afterAll(() => world.close());
afterEach(() => {
  world.faults.clear();
  world.forbidden.clear();
  world.requestsPerHour = null;
});

const witness = (token: { kind: "project" | "account"; value: string } | null = project()) =>
  createWitness({ token, apiUrl: world.apiUrl });
const project = () => ({ kind: "project" as const, value: world.projectToken });

async function confirmed(change: Partial<RailwayDeployment> = {}) {
  world.change(id, change);
  const testimony = await witness()(id);
  if (testimony.kind !== "confirmed") throw new Error(testimony.reason);
  return testimony;
}

describe("the witness", () => {
  it("says which service and environment a deployment belongs to, and how it stands", async () => {
    expect(await confirmed()).toMatchObject({
      projectId: world.ids.project,
      environmentId: world.ids.environment,
      serviceId: world.ids.service,
      service: "executive-mind-matrix",
      environment: "production",
      deployment: { id, status: "SUCCESS" },
    });
  });

  it("has nothing to say without a token, about an unknown deployment, or when it may not ask", async () => {
    const silent = async (ask: Promise<DeploymentTestimony>, reason: RegExp) =>
      expect(await ask).toEqual({ kind: "silent", reason: expect.stringMatching(reason) });
    await silent(witness(null)("any"), /no token/);
    await silent(witness()("00000000-0000-4000-8000-000000000000"), /not found/i);
    await silent(witness({ kind: "project", value: "revoked" })(id), /token/);
    world.forbidden.add("deployment");
    await silent(witness()(id), /does not accept the token/);
  });

  it("has nothing to say about deployments elsewhere, wherever a message says that they are", async () => {
    const account = { kind: "account" as const, value: world.accountToken };
    const ask = (scope: { projectId: string | null; environmentId: string | null }) =>
      createWitness({ token: account, apiUrl: world.apiUrl, ...scope })(id);
    const { project: projectId, environment: environmentId } = world.ids;
    expect(await ask({ projectId, environmentId })).toMatchObject({ kind: "confirmed" });
    expect(await ask({ projectId: "other", environmentId })).toEqual({
      kind: "silent",
      reason: "another project",
    });
    expect(await ask({ projectId, environmentId: "other" })).toEqual({
      kind: "silent",
      reason: "another environment",
    });
  });

  it("asks to be asked again while Railway is down, slow, or counts too many requests", async () => {
    const again = { code: "railway_unavailable", retryable: true };
    world.faults.add({ route: "deployment", times: 1, effect: { kind: "status", status: 503 } });
    await expect(witness()(id)).rejects.toMatchObject(again);
    world.faults.add({ route: "deployment", times: 1, effect: { kind: "hang", committed: false } });
    const hasty = createWitness({ token: project(), apiUrl: world.apiUrl, timeoutMs: 200 });
    await expect(hasty(id)).rejects.toMatchObject(again);
    world.requestsPerHour = 0;
    await expect(witness()(id)).rejects.toMatchObject(again);
  });
});

describe("a confirmed deployment", () => {
  const now = () => new Date();
  const recently = () => new Date().toISOString();

  it("that failed or crashed begins a problem of its service, the crash a critical one", async () => {
    const failed = deploymentChange(
      await confirmed({ status: "FAILED", statusUpdatedAt: recently() }),
      now(),
    );
    const crashed = deploymentChange(
      await confirmed({ status: "CRASHED", statusUpdatedAt: recently() }),
      now(),
    );
    const key = `railway:${world.ids.environment}:${world.ids.service}`;
    expect(failed).toMatchObject({ kind: "raise", signal: { key, severity: "warning", source: "railway" } });
    expect(crashed).toMatchObject({
      kind: "raise",
      signal: {
        key,
        severity: "critical",
        title: "Deployment of executive-mind-matrix (production) crashed",
      },
    });
    expect((failed?.position ?? "") <= (crashed?.position ?? "")).toBe(true);
  });

  it("that works ends it, and one that is gone ends only what is known", async () => {
    const works = deploymentChange(await confirmed({ status: "SUCCESS" }), now());
    expect(works).toMatchObject({ kind: "end", onlyIfKnown: false });
    const gone = deploymentChange(await confirmed({ status: "REMOVED" }), now());
    expect(gone).toMatchObject({ kind: "end", onlyIfKnown: true });
  });

  it("says nothing while it is on its way, in a state that nobody knows, or about last week", async () => {
    for (const status of ["QUEUED", "BUILDING", "DEPLOYING", "SLEEPING", "BRAND_NEW"]) {
      expect(deploymentChange(await confirmed({ status }), now()), status).toBeNull();
    }
    const old = new Date(Date.now() - 7 * 86_400_000).toISOString();
    expect(deploymentChange(await confirmed({ status: "FAILED", statusUpdatedAt: old }), now())).toBeNull();
  });

  it("of an older version comes before a newer one, whatever happened to it since", async () => {
    const newer = await confirmed({ status: "SUCCESS" });
    const older = {
      ...newer,
      deployment: {
        ...newer.deployment,
        status: "CRASHED",
        createdAt: "2020-01-01T00:00:00Z",
        statusSince: recently(),
      },
    };
    const [end, raise] = [deploymentChange(newer, now()), deploymentChange(older, now())];
    expect(raise?.kind).toBe("raise");
    expect((raise?.position ?? "") < (end?.position ?? "")).toBe(true);
  });
});
