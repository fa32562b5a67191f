/** What is written beside the code says what the code does. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { EnvironmentSchema, type VariableDoc, variableDocs } from "../src/config-variables.ts";
import { DATABASES } from "../src/notion/databases/all.ts";
import type { DatabaseName, PropertyTable } from "../src/notion/databases/property-table.ts";
import { BOT_SCOPES } from "../src/slack/scopes.ts";

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

function exists(path: string): boolean {
  return existsSync(new URL(`../${path}`, import.meta.url));
}

const variables = Object.entries(EnvironmentSchema.shape).map(([name, schema]) => {
  const doc = variableDocs.get(schema);
  if (!doc) throw new Error(`${name} has no documentation`);
  return { name, doc };
});

describe(".env.example", () => {
  const example = read(".env.example");

  it("has every variable of the schema once, and no other", () => {
    const keys = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1]);
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.toSorted()).toEqual(variables.map(({ name }) => name).toSorted());
  });

  it("is the table of variables, rendered (npx vitest run test/docs.test.ts -u writes it)", async () => {
    await expect(renderEnvExample()).toMatchFileSnapshot("../.env.example");
  });
});

/** Required ones first and ready to fill in; the rest as comments that hold the default. */
function renderEnvExample(): string {
  const isNeeded = ({ name, doc }: { name: string; doc: VariableDoc }) =>
    doc.required || name === "SLACK_SIGNING_SECRET" || name === "SLACK_APPROVERS";
  const required = variables
    .filter(isNeeded)
    .map(({ name, doc: { meaning } }) => `# ${capital(meaning)}\n${name}=`);
  const optional = variables.filter((variable) => !isNeeded(variable));
  const groups = [...new Set(optional.map(({ doc }) => doc.group))].map((group) => {
    const lines = optional
      .filter(({ doc }) => doc.group === group)
      .map(({ name, doc: { meaning, fallback } }) => `# ${capital(meaning)}\n# ${name}=${fallback ?? ""}`);
    return `# --- ${group} ---\n\n${lines.join("\n")}`;
  });
  return [
    "# Copy to .env and fill in. The bot checks everything at start and lists every problem at once.",
    "# Never commit .env. A line that begins with # shows the default.",
    `# --- Required ---\n\n${required.join("\n")}`,
    ...groups,
  ]
    .join("\n\n")
    .replace("once.\n\n# Never", "once.\n# Never")
    .concat("\n");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

describe("docs/notion.md", () => {
  it("is the ten databases as the code reads them (-u writes it)", async () => {
    await expect(renderNotionPage()).toMatchFileSnapshot("../docs/notion.md");
  });
});

function renderNotionPage(): string {
  const databases: Record<DatabaseName, { title: string; properties: PropertyTable }> = DATABASES;
  const sections = Object.entries(databases).map(([name, { title, properties }]) => {
    const rows = Object.entries(properties).map(([property, { types, need, options, target }]) => [
      `\`${property}\``,
      `${types.join(" or ")}${target === null ? "" : ` to ${databases[target].title}`}`,
      need,
      options?.join(", ") ?? "",
    ]);
    return `## ${title} (\`NOTION_DB_${name}\`)\n\n${renderTable([["property", "type", "need", "options"], ...rows])}`;
  });
  return `${NOTION_PAGE_TOP}\n\n${sections.join("\n\n")}\n`;
}

/** As the formatter wants it: columns aligned, an emoji two wide. */
function renderTable(rows: string[][]): string {
  const width = (cell: string) => cell.length + (cell.match(/\p{Emoji_Presentation}/gu)?.length ?? 0);
  const columns = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => width(row[column] ?? ""))),
  );
  const line = (row: string[]) =>
    `| ${columns.map((size, column) => (row[column] ?? "") + " ".repeat(size - width(row[column] ?? ""))).join(" | ")} |`;
  const rule = `| ${columns.map((size) => "-".repeat(size)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
}

const NOTION_PAGE_TOP = `# The ten Notion databases

Names are matched to the letter. _required_: the bot says in its health what is missing, and cannot do that part of its
work. _optional_: left out with one warning. _welcome_: used when it is there. Where two types stand, either will do.
Missing options of a select are added by the first write that needs them. \`Key\` holds the bot's own mark, by which it
finds again what it wrote when an answer was lost: add it, and leave it alone.

The integration needs the capabilities to read, update and insert content, and to read user information including
e-mail addresses. This page is rendered from \`src/notion/databases/\`.`;

const Manifest = z.object({
  display_information: z.object({
    name: z.string().max(35),
    description: z.string().max(140),
    long_description: z.string().min(175).max(4000),
  }),
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.boolean(), messages_tab_enabled: z.boolean() }),
    slash_commands: z.array(
      z.object({
        command: z.string().startsWith("/"),
        url: z.string(),
        usage_hint: z.string(),
        should_escape: z.boolean(),
      }),
    ),
    shortcuts: z.array(z.object({ callback_id: z.string() })).default([]),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ request_url: z.string(), bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.boolean(), request_url: z.string() }),
    socket_mode_enabled: z.boolean(),
  }),
});

describe("manifest.yml", () => {
  const manifest = Manifest.parse(parse(read("manifest.yml")));
  const slackSources = readdirSync(new URL("../src/slack", import.meta.url), {
    recursive: true,
    encoding: "utf8",
  })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => read(`src/slack/${path}`))
    .join("\n");

  it("declares exactly the commands, events and shortcuts that routes.ts answers", () => {
    const { commands, events, shortcuts } = routed(read("src/slack/routes.ts"), read("src/slack/ids.ts"));
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(commands);
    expect(manifest.settings.event_subscriptions.bot_events.toSorted()).toEqual(events.toSorted());
    expect(manifest.features.shortcuts.map(({ callback_id }) => callback_id).toSorted()).toEqual(
      shortcuts.toSorted(),
    );
  });

  it("has every command arrive with escaped names, and everything at /slack/events", () => {
    expect(manifest.features.slash_commands).toMatchObject([{ command: "/emm", should_escape: true }]);
    const urls = [
      ...manifest.features.slash_commands.map(({ url }) => url),
      manifest.settings.event_subscriptions.request_url,
      manifest.settings.interactivity.request_url,
    ];
    expect(new Set(urls)).toEqual(new Set(["https://YOUR-DOMAIN/slack/events"]));
    expect(manifest.settings).toMatchObject({
      interactivity: { is_enabled: true },
      socket_mode_enabled: false,
    });
    expect(manifest.features.app_home).toEqual({ home_tab_enabled: true, messages_tab_enabled: true });
  });

  it("hints only at subcommands that exist", () => {
    const hints = manifest.features.slash_commands[0]?.usage_hint.match(/[a-z]{3,}/g) ?? [];
    const real = read("src/slack/cards/help.ts");
    expect(hints).toContain("help");
    for (const hint of hints.filter((word) => word !== "question")) expect(real).toContain(`"${hint}"`);
  });

  /** The scope each Web API method needs, as Slack documents it; views.*, auth.test and response_url need none. */
  const SCOPE_OF: [RegExp, string[]][] = [
    [/\bchat\.(postMessage|update|postEphemeral|delete)\b/, ["chat:write"]],
    [/\bconversations\.(history|replies)\b/, ["channels:history", "groups:history"]],
    [/\bconversations\.info\b/, ["channels:read", "groups:read"]],
    [/\bconversations\.open\b/, ["im:write"]],
    [/\busers\.info\b/, ["users:read"]],
    [/\busers\.lookupByEmail\b/, ["users:read.email"]],
    [/\busergroups\.users\.list\b/, ["usergroups:read"]],
    [/\bfiles\./, ["files:write"]],
    [/\breactions\./, ["reactions:write"]],
    [/COMMAND\b/, ["commands"]],
    [/"app_mention"/, ["app_mentions:read"]],
  ];

  it("asks for exactly the scopes that the code's calls need", () => {
    const needed = SCOPE_OF.filter(([call]) => call.test(slackSources)).flatMap(([, scopes]) => scopes);
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...new Set(needed)].toSorted());
  });

  it("asks for exactly the scopes that the doctor looks for", () => {
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual(Object.keys(BOT_SCOPES).toSorted());
  });

  it("explains every scope", () => {
    const lines = read("manifest.yml").split("\n");
    for (const scope of manifest.oauth_config.scopes.bot) {
      const at = lines.findIndex((line) => line.trim() === `- ${scope}`);
      expect(`${lines[at - 2]}\n${lines[at - 1]}`, scope).toContain("# ");
    }
  });
});

/** What routes.ts registers with Bolt: literals, or constants of ids.ts. */
function routed(routes: string, ids: string) {
  const literalOf = (argument: string): string =>
    /^["'](.*)["']$/.exec(argument)?.[1] ??
    new RegExp(`(?:const ${argument} =|\\b${argument.split(".").at(-1)}:) "([^"]+)"`).exec(ids)?.[1] ??
    argument;
  const registered = (kind: string) =>
    [...routes.matchAll(new RegExp(`\\.${kind}(?:<[^(]*>)?\\(\\s*([\\w.]+|"[^"]+")`, "g"))].map((match) =>
      literalOf(match[1] ?? ""),
    );
  return { commands: registered("command"), events: registered("event"), shortcuts: registered("shortcut") };
}

describe.each(["README.md", "AGENTS.md"])("%s", (page) => {
  const text = read(page);

  it("names only paths that exist", () => {
    const linked = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map((match) => match[1] ?? "");
    const quoted = [...text.matchAll(/`((?:src|test|docs|config|\.ci|\.github)\/[\w./-]*)`/g)].map(
      (match) => match[1] ?? "",
    );
    const paths = [...new Set([...linked, ...quoted])];
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !exists(path))).toEqual([]);
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read("package.json")));
    const named = [...text.matchAll(/npm (?:run ([\w:]+)|(test|start))\b/g)].map((m) => m[1] ?? m[2] ?? "");
    expect(named.length).toBeGreaterThan(0);
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("README.md", () => {
  const readme = read("README.md");

  it("names the two commands of a newcomer", () => {
    expect(readme).toContain("npm ci && npm run demo");
    expect(readme).toContain("npm test");
  });

  it("lists exactly the subcommands that the help lists", () => {
    const [, listed = ""] = /SUBCOMMANDS = \[([^\]]*)\]/.exec(read("src/slack/cards/help.ts")) ?? [];
    const real = [...listed.matchAll(/"(\w+)"/g)].map((match) => match[1]);
    const documented = [...readme.matchAll(/^\| `\/emm (\w+)/gm)].map((match) => match[1]);
    expect(documented.length).toBeGreaterThan(3);
    expect(documented.toSorted()).toEqual(real.toSorted());
  });
});

describe("AGENTS.md", () => {
  it("stays short", () => {
    expect(read("AGENTS.md").split("\n").length).toBeLessThan(100);
  });
});

describe("the image", () => {
  const dockerfile = read("Dockerfile");
  const [build = "", final = ""] = dockerfile.split(/^FROM .*$/m).slice(1);

  it("is built from production dependencies and without running install scripts", () => {
    expect(dockerfile.match(/^FROM node:24-slim/gm)).toHaveLength(2);
    expect(final).toContain("npm ci --omit=dev --ignore-scripts");
    expect(build).toContain("npm ci --ignore-scripts");
  });

  it("holds no sandbox, no sources and no .env", () => {
    expect(build).toContain("rm -rf dist/sandbox");
    expect(final).not.toMatch(/COPY (\. |src)/);
    expect(read(".dockerignore").split("\n")).toEqual(
      expect.arrayContaining([".env", "node_modules", ".git"]),
    );
  });

  it("runs as an ordinary user, gets its own signals, and is asked for its health", () => {
    expect(final).toMatch(/^USER node$/m);
    expect(final).toMatch(/^CMD \["node", /m);
    expect(final).toMatch(/HEALTHCHECK[\s\S]*\/health/);
  });

  it("starts the bot as npm start does, which is what the bench measures", () => {
    const Package = z.object({ scripts: z.object({ start: z.string() }) });
    const { start } = Package.parse(JSON.parse(read("package.json"))).scripts;
    const command: unknown = JSON.parse(/^CMD (\[.*\])$/m.exec(final)?.[1] ?? "null");
    expect(command).toEqual(start.split(" "));
    expect(start).toContain("--max-semi-space-size=4 --import ./dist/instrument.js dist/main.js");
  });

  it("needs at run time only packages that are no development dependencies", () => {
    const Package = z.object({ dependencies: z.record(z.string(), z.string()) });
    const { dependencies } = Package.parse(JSON.parse(read("package.json")));
    const imported = new Set(
      readdirSync(new URL("../src", import.meta.url), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts") && !path.startsWith("sandbox/"))
        .flatMap((path) => [...read(`src/${path}`).matchAll(/(?:\bfrom|\bimport\(|target:) "([^".][^"]*)"/g)])
        .map((match) => match[1] ?? "")
        .filter((name) => /^[@a-z][\w@/.-]*$/.test(name))
        .map((name) =>
          name
            .split("/")
            .slice(0, name.startsWith("@") ? 2 : 1)
            .join("/"),
        ),
    );
    expect(imported.size).toBeGreaterThan(5);
    expect([...imported].filter((name) => !(name in dependencies))).toEqual([]);
  });
});

describe("railway.json", () => {
  it("builds the Dockerfile, waits for /health, restarts failures and leaves time to finish", () => {
    expect(JSON.parse(read("railway.json"))).toMatchObject({
      build: { builder: "DOCKERFILE", dockerfilePath: "Dockerfile" },
      deploy: {
        healthcheckPath: "/health",
        healthcheckTimeout: 100,
        restartPolicyType: "ON_FAILURE",
        restartPolicyMaxRetries: 10,
        // Numbers: Railway refuses the strings its own pages show.
        drainingSeconds: 30,
      },
    });
  });
});

describe(".ci/run", () => {
  it("runs the README's own test command", () => {
    expect(read(".ci/run")).toMatch(/^npm test$/m);
  });
});
