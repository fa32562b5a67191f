/** The import table of AGENTS.md, and the house rules that a linter does not know. */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = new URL("../", import.meta.url);

function filesIn(folder: string, pattern = /\.tsx?$/): string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" })
    .map((path) => posix.join(folder, path.replaceAll("\\", "/")))
    .filter((path) => pattern.test(path))
    .toSorted();
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

interface Import {
  from: string;
  /** Package name, or path in the repository. */
  to: string;
  typeOnly: boolean;
  /** Loaded when that line is reached. */
  isDynamic: boolean;
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;

function importsOf(from: string): Import[] {
  const source = read(from);
  const found = [
    ...[...source.matchAll(STATEMENT)].map((match) => ({
      specifier: match[2] ?? "",
      typeOnly: match[1] !== undefined,
      isDynamic: false,
    })),
    ...[...source.matchAll(DYNAMIC)].map((match) => ({
      specifier: match[1] ?? "",
      typeOnly: false,
      isDynamic: true,
    })),
  ];
  return found.map(({ specifier, ...how }) => ({ from, to: resolved(from, specifier), ...how }));
}

function resolved(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

const sources = filesIn("src");
const imports = sources.flatMap(importsOf);
const show = ({ from, to }: Import) => `${from} → ${to}`;

/** "slack" for src/slack/…, "app" for src/app.ts, the name itself for a package. */
function area(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? /^src\/([^/]+)\.tsx?$/.exec(path)?.[1] ?? path;
}

const isInside = (path: string) => path.startsWith("src/");

/** Areas of src/ that each area may import besides itself. */
const MAY_IMPORT: Record<string, string[]> = {
  domain: [],
  errors: [],
  scrub: [],
  "clock-jumps": [],
  log: ["scrub"],
  "error-tracking": ["config", "errors", "scrub"],
  instrument: ["config", "error-tracking", "errors"],
  "config-values": ["scrub"],
  "config-variables": ["config-values", "domain"],
  "config-rules": ["config-variables", "domain"],
  config: ["config-rules", "config-variables", "domain", "errors"],
  notion: ["domain", "errors", "log"],
  agents: ["domain", "errors", "log"],
  slack: ["domain", "errors", "log"],
  workflows: ["clock-jumps", "domain", "errors", "log"],
  store: ["domain", "errors", "log"],
  poller: ["clock-jumps", "domain", "errors", "log"],
  http: ["domain", "errors", "log"],
  metrics: ["domain", "errors", "log"],
  webhooks: ["domain", "errors", "log"],
  health: ["domain", "errors", "log"],
  alerts: ["domain", "errors", "log"],
  railway: ["domain", "errors", "log"],
  // Asked by the command line and by the running bot.
  checks: ["config", "config-variables", "domain", "errors", "log", "notion", "slack"],
  // The command line is a composition root: it asks each service through that service's own folder.
  cli: [
    ...["agents", "checks", "config", "config-rules", "config-values", "config-variables", "domain"],
    ...["errors", "http", "log", "notion", "railway", "slack", "store"],
  ],
  sandbox: [],
  // Everything but sandbox, main and cli; see below.
  compose: [],
};

/** Types of the consumer's ports, so that an adapter can say what it implements. */
function isPortType({ from, to, typeOnly }: Import): boolean {
  return (
    typeOnly &&
    /^src\/[a-z]+\/([a-z]+-)?ports\.ts$/.test(to) &&
    ["notion", "agents", "slack", "store", "health", "alerts", "railway", "http"].includes(area(from))
  );
}

/** The engine's lease is a session lock, which needs a connection of its own. */
function isLeaseConnection({ from, to, typeOnly }: Import): boolean {
  return to === "pg" && (from === "src/workflows/lease.ts" || (typeOnly && area(from) === "workflows"));
}

/** Who alone may know a package. */
const ONLY_IMPORTERS: [RegExp, string[]][] = [
  [/^@notionhq\/client$/, ["notion"]],
  [/^@anthropic-ai\/sdk$/, ["agents"]],
  [/^@slack\//, ["slack"]],
  [/^@dbos-inc\/dbos-sdk$/, ["workflows", "store"]],
  [/^(kysely|@electric-sql\/pglite)$/, ["store"]],
  [/^pg$/, ["store"]],
  [/^node-cron$/, ["poller"]],
  [/^prom-client$/, ["metrics"]],
  [/^(helmet|cors|express-rate-limit|@asteasolutions\/zod-to-openapi)$/, ["http"]],
  [/^pino(-pretty)?$/, ["log"]],
  [/^@sentry\//, ["error-tracking"]],
  [/^(commander|ora)$/, ["cli"]],
  [/^(react|react-dom|slack-blocks-to-jsx)$/, ["sandbox"]],
  [/^graphql$/, ["sandbox"]],
];

describe("the scan", () => {
  it("sees the files and their imports", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(300);
    for (const folder of ["domain", "notion", "agents", "slack", "workflows", "store", "sandbox"]) {
      expect(imports.filter(({ from }) => area(from) === folder).length, folder).toBeGreaterThan(3);
    }
  });

  it("reads every form of import", () => {
    const known = (from: string, to: string, typeOnly: boolean) =>
      expect(imports).toContainEqual(expect.objectContaining({ from, to, typeOnly }));
    known("src/config.ts", "node:fs", false);
    known("src/config.ts", "src/errors.ts", false);
    known("src/config-variables.ts", "src/config-values.ts", false);
    known("src/workflows/ports.ts", "src/domain/analysis.ts", true);
    known("src/slack/routes.ts", "@slack/bolt", true);
  });

  it("resolves every import inside src to a file that is there", () => {
    const missing = imports.filter(
      ({ to }) => isInside(to) && !sources.includes(to) && !to.endsWith(".json"),
    );
    expect(missing.map(show)).toEqual([]);
  });
});

describe("who may import whom", () => {
  it("has a row for every area", () => {
    const areas = new Set(sources.map(area).filter((name) => name !== "app" && name !== "main"));
    expect([...areas].filter((name) => !(name in MAY_IMPORT))).toEqual([]);
  });

  it("is kept by every area", () => {
    const broken = imports.filter((one) => {
      const [from, to] = [area(one.from), area(one.to)];
      if (!isInside(one.to) || from === to || isPortType(one)) return false;
      if (one.from === "src/sandbox/main.ts") return !["app", "config", "log"].includes(to);
      if (to === "compose") return from !== "app";
      if (from === "compose") return ["sandbox", "main", "cli"].includes(to);
      if (from === "app") return to === "sandbox" || to === "main";
      if (from === "main") return !["app", "config", "errors", "log", "scrub"].includes(to);
      return !MAY_IMPORT[from]?.includes(to);
    });
    expect(broken.map(show)).toEqual([]);
  });

  it("keeps the domain to itself, zod and hashing", () => {
    const outside = imports.filter(({ from, to }) => area(from) === "domain" && !isInside(to));
    expect(outside.filter(({ to }) => to !== "zod" && to !== "node:crypto").map(show)).toEqual([]);
  });

  it("lets nobody lean on the command line, which may be left out of a build", () => {
    const leaks = imports.filter(({ from, to }) => area(from) !== "cli" && area(to) === "cli");
    expect(leaks.map(show)).toEqual([]);
  });

  it("keeps the sandbox out of everything else", () => {
    const leaks = imports.filter(({ from, to }) => area(from) !== "sandbox" && area(to) === "sandbox");
    expect(leaks.map(show)).toEqual([]);
  });

  it.each(ONLY_IMPORTERS)("gives %s to %j alone", (name, owners) => {
    const others = imports.filter(
      (one) => name.test(one.to) && !owners.includes(area(one.from)) && !isLeaseConnection(one),
    );
    expect(others.map(show)).toEqual([]);
  });

  it("is written in AGENTS.md as it is checked here", () => {
    const guide = read("AGENTS.md");
    for (const folder of new Set(sources.filter((path) => path.split("/").length > 2).map(area))) {
      expect(guide, folder).toContain(`\`src/${folder}/\``);
    }
  });
});

/** What only some processes need, and when: it costs every process that loads it megabytes and time at the start. */
const LATER = {
  "@sentry/node": "with SENTRY_DSN",
  "@electric-sql/pglite": "without DATABASE_URL",
  "@asteasolutions/zod-to-openapi": "for GET /docs and GET /openapi.json",
  "pino-pretty": "for people who read the log",
  commander: "in the command line",
  ora: "in the command line",
};

/** Files and packages that are there when the bot starts, whatever its settings. */
function loadedAtStart(): Set<string> {
  const loaded = new Set(["src/instrument.ts", "src/main.ts"]);
  // A set hands out what is added to it meanwhile, too.
  for (const path of loaded) {
    for (const { from, to, typeOnly, isDynamic } of imports) {
      if (from === path && !typeOnly && !isDynamic) loaded.add(to);
    }
  }
  return loaded;
}

describe("the start", () => {
  const loaded = loadedAtStart();

  it("is followed to the vendors' packages", () => {
    expect([...loaded]).toEqual(
      expect.arrayContaining(["@slack/bolt", "@notionhq/client", "@anthropic-ai/sdk", "pg", "kysely"]),
    );
  });

  it("loads nothing that only some processes need", () => {
    expect(Object.keys(LATER).filter((name) => loaded.has(name))).toEqual([]);
    expect([...loaded].filter((path) => /^src\/(cli|sandbox)\//.test(path))).toEqual([]);
  });
});

describe("house rules", () => {
  const code = (path: string) => read(path).replace(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm, "");

  it("only the files that a process starts with read the environment", () => {
    const starts = ["src/main.ts", "src/instrument.ts", "src/sandbox/main.ts", "src/cli/main.ts"];
    const readers = sources.filter((path) =>
      /\bprocess\s*\.\s*env\b|\benv\b.*from "node:process"/.test(code(path)),
    );
    expect(readers.filter((path) => !starts.includes(path))).toEqual([]);
  });

  it("no file is longer than 400 lines", () => {
    const long = [...sources, ...filesIn("test")].filter((path) => read(path).split("\n").length > 401);
    expect(long).toEqual([]);
  });

  it("every file is named for what it holds", () => {
    const banned = /^(utils?|helpers?|common|shared|misc|managers?|services?|types|index|lib)\.tsx?$/;
    const files = [...sources, ...filesIn("test")].map((path) => posix.basename(path));
    expect(files.filter((name) => banned.test(name))).toEqual([]);
    expect(files.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d|config))?\.tsx?$/.test(name))).toEqual(
      [],
    );
  });

  it("no default exports and no namespaces", () => {
    expect(sources.filter((path) => /^export default\b|^(export )?namespace\b/m.test(code(path)))).toEqual(
      [],
    );
  });

  it("nothing silences a checker", () => {
    const silenced =
      /@ts-(ignore|nocheck|expect-error)|biome-ignore|oxlint-disable|eslint-disable|\bas any\b/;
    const self = "test/architecture.test.ts";
    expect(
      [...sources, ...filesIn("test")].filter((path) => path !== self && silenced.test(read(path))),
    ).toEqual([]);
  });

  it("import cycles are refused by the linter", () => {
    expect(read("biome.json")).toContain('"noImportCycles": "error"');
  });

  it("tests mock no modules and skip nothing", () => {
    const cheats = /\bvi\.(mock|doMock)\(|\b(it|describe|test)\.(skip|only|todo)\b/;
    const self = "test/architecture.test.ts";
    expect(filesIn("test").filter((path) => path !== self && cheats.test(read(path)))).toEqual([]);
  });
});
