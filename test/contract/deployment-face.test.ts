/** Who is asked whether the restored deployment is well: its public address, else the new process itself, else nobody. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { faceOf } from "../../src/compose/deployments.ts";
import { createRailwayStandIn } from "../../src/sandbox/railway/railway-stand-in.ts";
import { configWith } from "../fixtures/environment.ts";
import { startHttp } from "./http-side.ts";

const SELF = { RAILWAY_DEPLOYMENT_ID: "d-new" };
const well = {
  health: () => ({ status: "degraded" as const, checks: [] }),
  whyNotReady: async () => null,
};

describe("the face of a deployment", () => {
  it("is asked at PUBLIC_URL before any other address", async () => {
    const world = await createRailwayStandIn();
    const face = faceOf(configWith({ PUBLIC_URL: world.url }), well);
    const elsewhere = "http://127.0.0.1:1";
    expect(await face({ deploymentId: null, address: elsewhere })).toMatchObject({
      deploymentId: world.live()?.id,
    });
    const found = faceOf(configWith({}), well);
    expect(await found({ deploymentId: null, address: world.url })).toMatchObject({ kind: "answers" });
    await world.close();
  });

  it("without an address is the new process's own word, once it is that process", async () => {
    const face = faceOf(configWith(SELF), well);
    expect(await face({ deploymentId: "d-new", address: null })).toMatchObject({
      ...{ kind: "answers", deploymentId: "d-new", health: "degraded", isHealthy: true, isReady: true },
    });
    const sick = faceOf(configWith(SELF), {
      health: () => ({ status: "unhealthy", checks: [] }),
      whyNotReady: async () => "starting",
    });
    expect(await sick({ deploymentId: "d-new", address: null })).toMatchObject({
      isHealthy: false,
      isReady: false,
    });
  });

  it("is nobody's word otherwise", async () => {
    const face = faceOf(configWith(SELF), well);
    expect(await face({ deploymentId: "d-other", address: null })).toEqual({ kind: "no-address" });
    expect(await face({ deploymentId: null, address: null })).toEqual({ kind: "no-address" });
  });

  it("takes Railway's domain as https", () => {
    expect(configWith({ RAILWAY_PUBLIC_DOMAIN: "bot.up.railway.app" }).http.publicUrl).toBe(
      "https://bot.up.railway.app",
    );
  });

  it("is not well because something answers 200 to everything", async () => {
    for (const page of ["<html>Please sign in</html>", '{"status":"ok"}']) {
      const server = createServer((_request, response) => response.end(page)).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as AddressInfo;
      const face = await faceOf(
        configWith({}),
        well,
      )({
        deploymentId: null,
        address: `http://127.0.0.1:${port}`,
      });
      expect(face).toMatchObject({ kind: "answers", isHealthy: false });
      server.close();
    }
  });

  it("answers for its health during a maintenance, when everything else is closed", async () => {
    const closed = { until: "2027-01-01T12:00:00.000Z", reason: "going back", retryAfterSeconds: 60 };
    const side = await startHttp({}, () => undefined, { maintenance: () => closed });
    const face = await faceOf(configWith({}), well)({ deploymentId: null, address: side.origin });
    expect(face).toMatchObject({
      ...{ kind: "answers", deploymentId: null, health: "healthy", isHealthy: true, isReady: true },
    });
    await side.close();
  });
});
