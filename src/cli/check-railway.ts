/** Railway: whether the token works for this service, whether it is deployed as the repository says, who answers outside. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { type Finding, findingsOf } from "../checks/finding.ts";
import type { EnvironmentValues } from "../config-variables.ts";
import { type Deployments, liveOf, obstacle, type PlatformFailure, shortName } from "../domain/deployment.ts";
import { publicFace } from "../railway/public-face.ts";
import { createRailway, type Railway, type RailwaySettings } from "../railway/railway.ts";
import type { CommandContext } from "./context.ts";

type Sound = Partial<EnvironmentValues>;

const mark = findingsOf("Railway");

export async function railwayFindings(
  { folder }: Pick<CommandContext, "folder">,
  sound: Sound,
): Promise<Finding[]> {
  const settings = settingsOf(sound);
  if (settings === null) {
    const off = "not set: /emm deploys and /emm rollback are off";
    return [mark.skipped("RAILWAY_TOKEN", off)];
  }
  const variable = settings.token?.kind === "project" ? "RAILWAY_TOKEN" : "RAILWAY_API_TOKEN";
  const railway = createRailway(settings);
  const misplaced = settings.token?.kind === "project" ? await placeFinding(railway, settings) : null;
  if (misplaced !== null) return [misplaced];
  const answer = await railway.deployments({ fresh: true });
  if (!answer.ok) return [failed(variable, answer.failure)];
  const { value } = answer;
  return [
    mark.ok(variable, `works; ${value.list.length} deployments of the service are listed`),
    liveFinding(value),
    ...(await settingFindings(railway, folder)),
    await addressFinding(sound, value),
  ];
}

function settingsOf(sound: Sound): RailwaySettings | null {
  const project = sound.RAILWAY_TOKEN && { kind: "project" as const, value: sound.RAILWAY_TOKEN };
  const account = sound.RAILWAY_API_TOKEN && { kind: "account" as const, value: sound.RAILWAY_API_TOKEN };
  const token = project || account || null;
  if (token === null || sound.RAILWAY_API_URL === undefined) return null;
  return {
    token,
    apiUrl: sound.RAILWAY_API_URL,
    projectId: sound.RAILWAY_PROJECT_ID ?? null,
    environmentId: sound.RAILWAY_ENVIRONMENT_ID ?? null,
    serviceId: sound.RAILWAY_SERVICE_ID ?? null,
    deploymentId: sound.RAILWAY_DEPLOYMENT_ID ?? null,
  };
}

/** The first sentence says what is wrong, the others what to do. */
function failed(subject: string, { message }: PlatformFailure): Finding {
  const [, what = message, fix] = /^(.*?\.)(?: (.+))?$/s.exec(message) ?? [];
  return mark.problem(subject, what, fix ?? null);
}

async function placeFinding(railway: Railway, settings: RailwaySettings): Promise<Finding | null> {
  const place = await railway.tokenPlace();
  if (!place.ok) return failed("RAILWAY_TOKEN", place.failure);
  const pairs = [
    ["RAILWAY_PROJECT_ID", settings.projectId, place.value.projectId],
    ["RAILWAY_ENVIRONMENT_ID", settings.environmentId, place.value.environmentId],
  ] as const;
  const wrong = pairs.find(([, ours, theirs]) => ours !== null && ours !== theirs);
  if (wrong === undefined) return null;
  const [variable, ours, theirs] = wrong;
  return mark.problem(
    variable,
    `is ${ours}, and the token is for ${theirs}`,
    "make the token in that environment's project, or correct the id",
  );
}

function liveFinding(deployments: Deployments): Finding {
  const live = liveOf(deployments);
  if (live === null) {
    return mark.warning(
      "live deployment",
      "this token may not ask what is live, so nothing can be rolled back from outside Railway",
      "set a workspace token as RAILWAY_API_TOKEN instead of RAILWAY_TOKEN",
    );
  }
  const possible = deployments.list.filter((one) => obstacle(one, deployments) === null).length;
  return mark.ok("live deployment", `${shortName(live)}; ${possible} can be gone back to`);
}

const Deploy = z.object({
  build: z.object({ dockerfilePath: z.string() }),
  deploy: z.object({
    healthcheckPath: z.string(),
    healthcheckTimeout: z.number(),
    restartPolicyType: z.string(),
    restartPolicyMaxRetries: z.number(),
    drainingSeconds: z.number(),
  }),
});

/** What railway.json asks for against what Railway does. */
async function settingFindings(railway: Railway, folder: string): Promise<Finding[]> {
  const file = resolve(folder, "railway.json");
  if (!existsSync(file)) return [mark.skipped("settings", "there is no railway.json here to compare with")];
  const wanted = Deploy.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!wanted.success) return [mark.skipped("settings", "railway.json is wrong, see above")];
  const actual = await railway.serviceSettings();
  if (!actual.ok) {
    return [mark.skipped("settings", `Railway does not tell them: ${actual.failure.message}`)];
  }
  const expected = { ...wanted.data.deploy, ...wanted.data.build };
  const found: Record<string, unknown> = actual.value;
  const wrong = Object.entries(expected).filter(([name, value]) => found[name] !== value);
  if (wrong.length === 0) return [mark.ok("settings", "as in railway.json")];
  return wrong.map(([name, value]) =>
    mark.warning(
      name,
      `is ${found[name] ?? "not set"} in Railway, ${value} in railway.json`,
      "apply .railway/railway.ts (npx railway config plan, then apply), or set it in the service's settings",
    ),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function addressFinding(sound: Sound, deployments: Deployments): Promise<Finding> {
  const live = liveOf(deployments);
  const domain = sound.RAILWAY_PUBLIC_DOMAIN;
  const address = sound.PUBLIC_URL ?? (domain ? `https://${domain}` : null) ?? live?.address ?? null;
  if (address === null) {
    return mark.warning(
      "PUBLIC_URL",
      "no public address is known: after a rollback there is no data on health until the new process says so itself",
      "give the service a public domain in Railway, or set PUBLIC_URL",
    );
  }
  const face = await publicFace(address);
  if (face.kind !== "answers") {
    const reason = face.kind === "no-answer" ? face.reason : "no answer";
    return mark.warning("PUBLIC_URL", reason, "check the domain in Railway, and PUBLIC_URL");
  }
  const isLive = face.deploymentId === null || live === null || face.deploymentId === live.id;
  if (!isLive)
    return mark.warning("PUBLIC_URL", `${address} is answered by another deployment than the live one`);
  return mark.ok("PUBLIC_URL", `${address} answers and says ${face.health}`);
}
