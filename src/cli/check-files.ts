/** Files a deployment needs, and what has to stand in them. In the image itself there are none to look at. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { type Finding, findingsOf } from "../checks/finding.ts";
import { BOT_SCOPES } from "../slack/scopes.ts";

const mark = findingsOf("Files");

export function fileFindings(folder: string): Finding[] {
  const path = (name: string) => resolve(folder, name);
  if (!existsSync(path("package.json"))) {
    return [mark.skipped("repository", `${folder} is not the repository; run this where package.json is`)];
  }
  if (!existsSync(path("src")) && existsSync(path("dist"))) {
    return [mark.skipped("repository", "this is the image: its files were checked before it was built")];
  }
  return [
    dockerfileFinding(path("Dockerfile")),
    railwayFinding(path("railway.json")),
    lockfileFinding(path("package-lock.json"), path("package.json")),
    manifestFinding(path("manifest.yml")),
  ];
}

function dockerfileFinding(file: string): Finding {
  if (!existsSync(file)) return missing("Dockerfile");
  const text = readFileSync(file, "utf8");
  if (!/^USER (?!root|0\b)\S+/m.test(text)) {
    return mark.problem("Dockerfile", "the bot would run as root", "add the line: USER node");
  }
  if (!/^CMD \["node"/m.test(text)) {
    return mark.problem(
      "Dockerfile",
      "the bot is not started by node itself, so it would never hear SIGTERM",
      'end with CMD ["node", …]',
    );
  }
  return mark.ok("Dockerfile", "runs node, not as root");
}

const Railway = z.object({
  build: z.object({ dockerfilePath: z.literal("Dockerfile") }),
  deploy: z.object({
    healthcheckPath: z.literal("/health"),
    healthcheckTimeout: z.number(),
    restartPolicyType: z.literal("ON_FAILURE"),
    restartPolicyMaxRetries: z.number(),
    drainingSeconds: z.number().min(10),
  }),
});

function railwayFinding(file: string): Finding {
  if (!existsSync(file)) return missing("railway.json");
  const parsed = Railway.safeParse(readJson(file));
  if (parsed.success) return mark.ok("railway.json", "builds the Dockerfile, waits for /health, drains");
  const [issue] = parsed.error.issues;
  return mark.problem(
    "railway.json",
    `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "cannot be read"}`,
    'restore the file; numbers are numbers there, not "30"',
  );
}

const Package = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
});
const Lockfile = z.object({ packages: z.record(z.string(), z.unknown()) });

/** What `npm ci` would refuse. */
function lockfileFinding(file: string, packageFile: string): Finding {
  if (!existsSync(file)) return missing("package-lock.json");
  const lock = Lockfile.safeParse(readJson(file));
  const wanted = Package.safeParse(readJson(packageFile));
  const locked = Package.partial().safeParse(lock.success ? lock.data.packages[""] : null);
  const refresh = "run npm install and commit package-lock.json";
  if (!lock.success || !wanted.success || !locked.success) {
    return mark.problem("package-lock.json", "cannot be read", refresh);
  }
  const known = locked.data.dependencies ?? {};
  const { dependencies } = wanted.data;
  const stale = Object.keys(dependencies).filter((name) => known[name] !== dependencies[name]);
  if (stale.length === 0) return mark.ok("package-lock.json", "agrees with package.json");
  return mark.problem(
    "package-lock.json",
    `does not agree with package.json about ${stale.join(", ")}`,
    refresh,
  );
}

/** No parser of YAML in production for one list of words. */
function manifestFinding(file: string): Finding {
  if (!existsSync(file)) return missing("manifest.yml");
  const [, bot = ""] = /^\s*bot:\s*\n((?:\s*(?:#.*|- .*)?\n)+)/m.exec(readFileSync(file, "utf8")) ?? [];
  const listed = [...bot.matchAll(/^\s*- ([a-z_.:]+)\s*$/gm)].map((match) => match[1]);
  const lacking = Object.keys(BOT_SCOPES).filter((scope) => !listed.includes(scope));
  if (lacking.length === 0) return mark.ok("manifest.yml", "asks for every scope the bot needs");
  return mark.problem(
    "manifest.yml",
    `does not ask for ${lacking.join(", ")}`,
    "restore the file, then update the app at https://api.slack.com/apps → App Manifest",
  );
}

function missing(name: string): Finding {
  return mark.problem(name, "is missing", `restore it: git checkout ${name}`);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
