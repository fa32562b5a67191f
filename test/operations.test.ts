/** What an operator reads and deploys says what the code does: configuration, runbook, licences, lock file, Railway. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { EnvironmentSchema, variableDocs } from "../src/config-variables.ts";

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

const variables = Object.entries(EnvironmentSchema.shape).flatMap(([name, schema]) => {
  const doc = variableDocs.get(schema);
  return doc ? [{ name, ...doc }] : [];
});

/** As the formatter wants it. */
function renderTable(rows: string[][]): string {
  const [head = [], ...body] = rows;
  const sizes = head.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: string[]) => `| ${sizes.map((size, at) => (row[at] ?? "").padEnd(size)).join(" | ")} |`;
  return [line(head), line(sizes.map((size) => "-".repeat(size))), ...body.map(line)].join("\n");
}

describe("docs/configuration.md", () => {
  it("is the table of variables, rendered (-u writes it)", async () => {
    const groups = [...new Set(variables.map(({ group }) => group))].map((group) => {
      const rows = variables
        .filter((variable) => variable.group === group)
        .map(({ name, required, secret, fallback, meaning }) => [
          `\`${name}\``,
          `${meaning.replaceAll("|", "\\|")}${secret ? "; **secret**" : ""}`,
          required ? "_required_" : fallback ? `\`${fallback}\`` : "",
        ]);
      return `## ${group}\n\n${renderTable([["variable", "meaning", "default"], ...rows])}`;
    });
    const top = `# Configuration

Environment variables, read once at start. Everything is checked, and every problem is listed at once, by name and with the fix.
\`npm run emm -- check-env\` does the same without starting. How secrets are changed: [secrets.md](secrets.md). This page is rendered from
\`src/config-variables.ts\`.`;
    await expect(`${[top, ...groups].join("\n\n")}\n`).toMatchFileSnapshot("../docs/configuration.md");
  });
});

describe("docs/secrets.md", () => {
  it("has a way to change every secret", () => {
    const page = read("docs/secrets.md");
    const named = (name: string) => page.includes(`\`${name}\``) || /^WEBHOOK_SECRET_/.test(name);
    const secrets = variables.filter(({ secret }) => secret).map(({ name }) => name);
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter((name) => !named(name))).toEqual([]);
    expect(page).toContain("`WEBHOOK_SECRET_…`");
  });
});

describe("docs/runbook.md", () => {
  const page = read("docs/runbook.md");
  const headings = [...page.matchAll(/^### (\w+)$/gm)].map((match) => match[1]);

  it("has a heading for each alert, in their order, and for nothing else", () => {
    const Rules = z.object({
      groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string().optional() })) })),
    });
    const alerts = Rules.parse(parse(read("config/alerts.yaml"))).groups.flatMap(({ rules }) =>
      rules.flatMap(({ alert }) => alert ?? []),
    );
    expect(alerts.length).toBeGreaterThan(5);
    expect(headings).toEqual(alerts);
  });

  it("has a row for each health check", () => {
    const probes = read("src/health/probes.ts") + read("src/compose/operations.ts");
    const checks = [...probes.matchAll(/\{ name: "(\w+)", critical/g)].map((m) => m[1]);
    expect(checks.length).toBeGreaterThan(4);
    const rows = [...page.matchAll(/^\| `(\w+)` /gm)].map((match) => match[1]);
    expect(rows).toEqual(checks);
  });
});

describe("the pages of docs/", () => {
  const pages = readdirSync(new URL("../docs", import.meta.url), {
    recursive: true,
    encoding: "utf8",
  }).filter((path) => path.endsWith(".md"));

  it("link only to what is there", () => {
    const dead = pages.flatMap((page) =>
      [...read(`docs/${page}`).matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([\w-]+))?\)/g)].flatMap(
        ([link, path = "", anchor = ""]) => {
          const target = path === "" ? page : posix.join(posix.dirname(page), path);
          if (!existsSync(new URL(`../docs/${target}`, import.meta.url))) return [`${page}: ${link}`];
          const titles = [...read(`docs/${target}`).matchAll(/^#+ (.*)$/gm)].map((match) =>
            slug(match[1] ?? ""),
          );
          return anchor === "" || titles.includes(anchor) ? [] : [`${page}: ${link}`];
        },
      ),
    );
    expect(pages.length).toBeGreaterThan(8);
    expect(dead).toEqual([]);
  });

  it("name only variables, files and commands that exist", () => {
    const known = new Set(variables.map(({ name }) => name));
    const program = read("src/cli/program.ts");
    for (const page of pages) {
      const text = read(`docs/${page}`);
      const named = [...text.matchAll(/`((?:SLACK|NOTION|ANTHROPIC|SENTRY|RAILWAY)_[A-Z_]+[A-Z])`/g)];
      expect(
        named.map((m) => m[1] ?? "").filter((name) => !known.has(name)),
        page,
      ).toEqual([]);
      const files = [...text.matchAll(/`((?:src|test|config|docs)\/[\w./-]*\w\/?)`/g)].map((m) => m[1] ?? "");
      expect(
        files.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url))),
        page,
      ).toEqual([]);
      const commands = [...text.matchAll(/npm run emm -- ([\w-]+)/g)].map((m) => m[1] ?? "");
      expect(
        commands.filter((name) => !program.includes(`"${name}`)),
        page,
      ).toEqual([]);
    }
  });
});

/** As GitHub makes anchors. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(/\s/g, "-");
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

describe("what production is made of", () => {
  const { packages } = Lock.parse(JSON.parse(read("package-lock.json")));
  const production = Object.entries(packages).filter(([path, { dev }]) => path !== "" && !dev);
  const nameOf = (path: string) => path.split("node_modules/").at(-1) ?? path;

  /** Permissive ones, in which every choice of an "OR" is fine as well. */
  const FINE =
    /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|0BSD|Unlicense|CC0-1\.0)( OR (MIT|CC0-1\.0|Apache-2\.0|ISC))?\)?$/;
  /** Looked at one by one; docs/licences.md says why. */
  const LOOKED_AT = new Set(["sentry", "@sentry/cli"]);

  it("has licences that allow what we do with it", () => {
    expect(production.length).toBeGreaterThan(100);
    const others = production.filter(([, { license }]) => !FINE.test(license ?? "none"));
    expect(others.map(([path]) => nameOf(path)).filter((name) => !LOOKED_AT.has(name))).toEqual([]);
  });

  it("needs no install script", () => {
    expect(production.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path)).toEqual([]);
  });

  it("docs/licences.md lists it (-u writes it)", async () => {
    const rows = [...new Set(production.map(([path, { license }]) => `${nameOf(path)}\t${license}`))]
      .toSorted()
      .map((row) => row.split("\t"));
    const page = `# Licences of what production installs

Rendered from \`package-lock.json\`. All are permissive but one. \`sentry\`, a command line for uploads that Sentry's SDK brings along, is under
the Functional Source License (FSL-1.1-Apache-2.0): free to use for everything but offering a product that competes with it, and
Apache 2.0 two years after each release. The bot never calls it.

${renderTable([["package", "licence"], ...rows])}
`;
    await expect(page).toMatchFileSnapshot("../docs/licences.md");
  });

  it("and what development is made of is whole in the lock file, or npm ci refuses it", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe(".railway/railway.ts", () => {
  interface Service {
    build: unknown;
    deploy: unknown;
    env: Record<string, unknown>;
  }

  /** Read with stand-ins for Railway's builders: its package is no dependency. */
  function programmed(): Service[] {
    const source = read(".railway/railway.ts")
      .replace(/^import .*$/m, "")
      .replace("export default", "return");
    const builders = {
      defineRailway: (program: () => Service[]) => program(),
      project: (_name: string, { resources }: { resources: Service[] }) => resources,
      service: (_name: string, settings: Service) => settings,
      postgres: () => ({ env: { DATABASE_URL: "reference" } }),
      github: () => "source",
      preserve: () => "kept",
    };
    const run = new Function(...Object.keys(builders), source) as (...parts: unknown[]) => Service[];
    return run(...Object.values(builders));
  }

  it("says what railway.json says", () => {
    const Json = z.object({ build: z.unknown(), deploy: z.unknown() });
    const { build, deploy } = Json.parse(JSON.parse(read("railway.json")));
    const [, bot] = programmed();
    expect(bot).toMatchObject({ build, deploy });
    expect(JSON.stringify(bot?.deploy)).toBe(JSON.stringify(deploy));
  });

  it("keeps every variable that has to be set, and no value of any", () => {
    const [, bot] = programmed();
    const { DATABASE_URL, ...kept } = bot?.env ?? {};
    const needed = variables.filter(({ required }) => required).map(({ name }) => name);
    expect(Object.keys(kept)).toEqual(
      expect.arrayContaining([...needed, "SLACK_SIGNING_SECRET", "SLACK_APPROVERS"]),
    );
    expect(new Set(Object.values(kept))).toEqual(new Set(["kept"]));
    expect(DATABASE_URL).toBe("reference");
    const known = new Set(variables.map(({ name }) => name));
    expect(Object.keys(kept).filter((name) => !known.has(name))).toEqual([]);
  });
});
