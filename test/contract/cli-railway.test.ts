/** What `emm doctor` says about Railway, over set-ups that are broken on purpose. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../src/checks/finding.ts";
import { railwayFindings } from "../../src/cli/check-railway.ts";
import { createRailwayStandIn } from "../../src/sandbox/railway/railway-stand-in.ts";
import type { RailwayStandIn } from "../../src/sandbox/stand-ins.ts";

let world: RailwayStandIn;
let folder: string;
const RAILWAY_JSON = readFileSync(new URL("../../railway.json", import.meta.url), "utf8");

beforeAll(async () => {
  world = await createRailwayStandIn();
  folder = mkdtempSync(join(tmpdir(), "emm-railway-"));
  writeFileSync(join(folder, "railway.json"), RAILWAY_JSON);
});
afterAll(() => world.close());
afterEach(() => {
  world.faults.clear();
  world.forbidden.clear();
});

type Sound = Parameters<typeof railwayFindings>[1];

function findings(change: Sound = {}, place = folder): Promise<Finding[]> {
  const sound: Sound = {
    RAILWAY_TOKEN: world.projectToken,
    RAILWAY_API_URL: world.apiUrl,
    RAILWAY_PROJECT_ID: world.ids.project,
    RAILWAY_ENVIRONMENT_ID: world.ids.environment,
    RAILWAY_SERVICE_ID: world.ids.service,
    PUBLIC_URL: world.url,
    ...change,
  };
  return railwayFindings({ folder: place }, sound);
}

async function marks(change: Sound = {}): Promise<string[]> {
  return (await findings(change)).map(
    ({ subject, mark, detail, fix }) => `${mark} ${subject}: ${detail} → ${fix ?? ""}`,
  );
}

describe("doctor on Railway", () => {
  it("finds nothing wrong with a set-up as it should be", async () => {
    const all = await findings();
    expect(all.map(({ mark }) => mark)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(all.map(({ detail }) => detail).join("\n")).toMatch(
      /can be gone back to[\s\S]*as in railway.json[\s\S]*healthy/,
    );
  });

  it("is content without a token, and says what is off", async () => {
    expect(await marks({ RAILWAY_TOKEN: null })).toEqual([
      expect.stringMatching(/^skipped RAILWAY_TOKEN: .*are off/),
    ]);
  });

  it.each<[string, Sound, RegExp]>([
    [
      "a token that is refused",
      { RAILWAY_TOKEN: "x" },
      /^problem RAILWAY_TOKEN: .*Project Token not found.* → Make a new token/,
    ],
    [
      "a service that is not named",
      { RAILWAY_SERVICE_ID: null },
      /^problem RAILWAY_TOKEN: RAILWAY_SERVICE_ID is not set\. → Railway sets it/,
    ],
    [
      "a token of another environment",
      { RAILWAY_ENVIRONMENT_ID: "e" },
      /^problem RAILWAY_ENVIRONMENT_ID: is e, and the token is for .* → make the token/,
    ],
    ["a service of somebody else", { RAILWAY_SERVICE_ID: "s" }, /^problem RAILWAY_TOKEN: .*Not Authorized/],
  ])("names the fix for %s", async (_, change, words) => {
    expect((await marks(change)).join("\n")).toMatch(words);
  });

  it("warns where the token may not ask what is live", async () => {
    world.forbidden.add("serviceInstance");
    expect((await marks()).join("\n")).toMatch(
      /warning live deployment: .*→ set a workspace token as RAILWAY_API_TOKEN/,
    );
  });

  it("warns where Railway does something else than railway.json says", async () => {
    const other = mkdtempSync(join(tmpdir(), "emm-railway-"));
    writeFileSync(
      join(other, "railway.json"),
      RAILWAY_JSON.replace('"drainingSeconds": 30', '"drainingSeconds": 20'),
    );
    const found = (await findings({}, other)).find(({ subject }) => subject === "drainingSeconds");
    expect(found).toMatchObject({ mark: "warning", detail: "is 30 in Railway, 20 in railway.json" });
  });

  it("warns where nobody answers outside, or somebody else", async () => {
    world.faults.add({ route: /GET/, effect: { kind: "status", status: 502 } });
    expect((await marks()).join("\n")).toMatch(/warning PUBLIC_URL: HTTP 502/);
    world.faults.clear();
    world.faults.add({ route: /GET \/$/, effect: { kind: "garbage", body: '{"deployment":"another"}' } });
    expect((await marks()).join("\n")).toMatch(/warning PUBLIC_URL: .*another deployment than the live one/);
  });
});
