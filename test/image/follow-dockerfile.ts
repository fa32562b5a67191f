/**
 * Follows the Dockerfile's own COPY, RUN, ENV, HEALTHCHECK and CMD lines in a temporary folder, where no Docker engine
 * runs. The bot is then started as the image starts it, against the stand-ins, asked for its health, and stopped with
 * SIGTERM. Exits with 1 when anything differs from what the image promises.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createWorld } from "../../src/sandbox/world.ts";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

interface Stage {
  name: string;
  lines: { word: string; rest: string }[];
}

/** One entry per instruction; continued lines joined, comments left out. */
function stagesOf(dockerfile: string): Stage[] {
  const text = dockerfile.replaceAll(/^\s*#.*\n/gm, "").replaceAll(/\\\n\s*/g, "");
  const stages: Stage[] = [];
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const [, word = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (word === "FROM") stages.push({ name: / AS (\w+)/i.exec(rest)?.[1] ?? "final", lines: [] });
    else stages.at(-1)?.lines.push({ word, rest });
  }
  return stages;
}

/** Runs a stage's COPY and RUN lines; returns what its ENV lines set. */
function build({ name, lines }: Stage, root: string): Record<string, string> {
  const folder = join(root, name);
  mkdirSync(folder);
  const env: Record<string, string> = {};
  for (const { word, rest } of lines) {
    if (word === "ENV") {
      for (const [, key = "", value = ""] of rest.matchAll(/(\w+)=(\S+)/g)) env[key] = value;
    }
    if (word === "COPY") copy(rest, root, folder);
    if (word === "RUN") run(rest, folder);
  }
  return env;
}

function copy(rest: string, root: string, folder: string): void {
  const stage = /--from=(\w+)\s/.exec(rest)?.[1];
  const paths = rest.split(/\s+/).filter((part) => !part.startsWith("--"));
  const target = paths.pop() ?? "";
  for (const path of paths) {
    const source = stage === undefined ? path : join(root, stage, path.replace(/^\/app\/?/, ""));
    cpSync(source, join(folder, target === "./" ? basename(path) : target), { recursive: true });
  }
}

/** Owners and npm's cache are the image's own business: here, everything belongs to whoever runs this. */
function run(command: string, folder: string): void {
  const here = command.replace(/ && chown \S+ \S+/, "").replace(" && npm cache clean --force", "");
  say(`RUN  ${here}`);
  execFileSync("sh", ["-ec", here], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

/** The exec form that follows the last CMD of an instruction. */
function commandOf(stage: Stage, word: string): [string, ...string[]] {
  const rest = stage.lines.findLast((line) => line.word === word)?.rest ?? "";
  const parsed: unknown = JSON.parse(rest.slice(rest.indexOf("[")));
  if (!Array.isArray(parsed) || parsed.length === 0) throw new Error(`${word} is not in exec form`);
  const [program, ...words] = parsed.map(String);
  return [program ?? "", ...words];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not true of the image: ${what}`);
  say(`ok   ${what}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function untilReady(port: number, bot: ChildProcess): Promise<void> {
  for (let waited = 0; waited < START_LIMIT_MS && bot.exitCode === null; waited += 200) {
    const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => null);
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error("not true of the image: the bot gets ready");
}

/** null when a signal ended it. */
function ended(bot: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => bot.once("exit", (code) => resolve(code)));
}

async function runImage(final: Stage, folder: string, imageEnv: Record<string, string>): Promise<void> {
  const world = await createWorld();
  const PORT = String(await freePort());
  // Production refuses stand-ins, and rightly so; everything else is as the image sets it.
  const env = { PATH: process.env["PATH"] ?? "", ...imageEnv, ...world.env, PORT, JSON_LOGS: "true" };
  const [program, ...words] = commandOf(final, "CMD");
  const bot = spawn(program, words, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const written: string[] = [];
  bot.stdout.on("data", (part: Buffer) => written.push(part.toString()));
  const exit = ended(bot);
  try {
    await untilReady(Number(PORT), bot);
    check(true, "the bot gets ready");
    const [probe, ...probeWords] = commandOf(final, "HEALTHCHECK");
    // Not with spawnSync: the stand-ins live in this process and must answer meanwhile.
    const asked = await ended(spawn(probe, probeWords, { env, stdio: ["ignore", "inherit", "inherit"] }));
    check(asked === 0, "HEALTHCHECK answers 0");
    const askedAt = Date.now();
    bot.kill("SIGTERM");
    const code = await Promise.race([exit, sleep(STOP_LIMIT_MS, "too late", { ref: false })]);
    check(code === 0, `SIGTERM ends it with 0 in less than ${STOP_LIMIT_MS / 1000} s`);
    say(`     (took ${Date.now() - askedAt} ms)`);
    const lines = written.join("").trim().split("\n");
    check(
      lines.length > 1 && lines.every((line) => "message" in (JSON.parse(line) as object)),
      "standard output is JSON lines",
    );
  } finally {
    bot.kill("SIGKILL");
    await world.close();
  }
}

async function main(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "emm-image-"));
  try {
    const stages = stagesOf(readFileSync("Dockerfile", "utf8"));
    const envs = stages.map((stage) => build(stage, root));
    const final = stages.at(-1);
    if (!final) throw new Error("the Dockerfile has no stage");
    const folder = join(root, final.name);
    check(existsSync(join(folder, "dist/main.js")), "dist is there");
    for (const absent of [
      "src",
      "test",
      "dist/sandbox",
      ".env",
      "node_modules/vitest",
      "node_modules/typescript",
    ])
      check(!existsSync(join(folder, absent)), `${absent} is not`);
    await runImage(final, folder, envs.at(-1) ?? {});
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
