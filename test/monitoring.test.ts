/** Alert rules, dashboard and compose file ask only for what the bot really tells, and name only files that exist. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfig } from "../src/config.ts";
import { createMetrics } from "../src/metrics/metrics.ts";
import { METRICS, type MetricSpec } from "../src/metrics/table.ts";
import { MINIMAL } from "./fixtures/environment.ts";

const at = (path: string) => new URL(`../${path}`, import.meta.url);
const read = (path: string) => readFileSync(at(path), "utf8");

const TABLE: Record<string, MetricSpec> = METRICS;
const health = () => ({
  checks: (["ok", "degraded", "down", "unknown"] as const).map((status) => ({ name: `a_${status}`, status })),
});
const metrics = createMetrics({
  withProcess: true,
  sources: { pendingDecisions: async () => 0, poller: () => ({ active: true, lastSuccessAt: null }), health },
});

/** Name as it can be asked for → its labels; null = whatever prom-client gives it. */
const askable = new Map<string, readonly string[] | null>([
  // Prometheus' own: whether the scrape worked.
  ["up", []],
  ...metrics.names().flatMap((name): [string, readonly string[] | null][] => {
    const spec = TABLE[name];
    if (spec?.type !== "histogram") return [[name, spec?.labels ?? null]];
    return [
      [`${name}_bucket`, [...spec.labels, "le"]],
      [`${name}_sum`, spec.labels],
      [`${name}_count`, spec.labels],
    ];
  }),
]);

/** Labels that the scrape adds; exported_job is the bot's own "job" where the scrape does not honour it. */
const SCRAPE_LABELS = ["job", "instance", "exported_job"];

/** What is wrong with the metrics of one PromQL expression. */
function problemsIn(expression: string): string[] {
  const bare = expression.replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, "");
  const words = bare.replace(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, " ");
  const names = [...words.matchAll(/(?<![\w.])[a-z_:][\w:]*\b(?!\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => !["and", "or", "unless", "by", "without", "on"].includes(name));
  const unknown = names.filter((name) => !askable.has(name)).map((name) => `no metric ${name}`);
  const labels = [...bare.matchAll(/([a-z_:][\w:]*)\{([^}]*)\}/g)].flatMap(
    ([, name = "", selectors = ""]) => {
      const known = askable.get(name);
      const used = [...selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label);
      return used
        .filter((label) => known && !known.includes(label) && !SCRAPE_LABELS.includes(label))
        .map((label) => `${name} has no label ${label}`);
    },
  );
  const grouped = [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)]
    .flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()))
    .filter((label) => label !== "" && !SCRAPE_LABELS.includes(label))
    .filter((label) => !names.some((name) => askable.get(name)?.includes(label)))
    .map((label) => `nothing in it has a label ${label}`);
  return names.length === 0 ? ["no metric at all"] : [...unknown, ...labels, ...grouped];
}

describe("the check itself", () => {
  it("finds names and labels that do not exist", () => {
    expect(problemsIn("rate(http_request_total[5m]) > 1e6")).toEqual(["no metric http_request_total"]);
    expect(problemsIn('sum by (le) (rate(poll_cycle_duration_seconds[5m])) or up{job="x"}')).toEqual([
      "no metric poll_cycle_duration_seconds",
      "nothing in it has a label le",
    ]);
    expect(problemsIn('errors_total{mod="notion"}')).toEqual(["errors_total has no label mod"]);
    expect(problemsIn("sum by (user) (errors_total)")).toEqual(["nothing in it has a label user"]);
    expect(problemsIn("time() > 5")).toEqual(["no metric at all"]);
  });
});

describe("the table of metrics", () => {
  it("is exactly what is registered, beside the process's own", () => {
    const own = metrics.names().filter((name) => !/^(process|nodejs)_/.test(name));
    expect(own.toSorted()).toEqual(Object.keys(TABLE).toSorted());
  });

  it("follows Prometheus' conventions", () => {
    for (const [name, { type, help, buckets = [] }] of Object.entries(TABLE)) {
      expect(name.endsWith("_total"), name).toBe(type === "counter");
      expect(help.length, name).toBeGreaterThan(20);
      expect(buckets.length > 0, name).toBe(type === "histogram");
      expect([...buckets], name).toEqual(buckets.toSorted((a, b) => a - b));
    }
  });

  it("shows no value for what nobody knows, also when the store hangs or fails", async () => {
    const answers = [() => Promise.reject(new Error("down")), () => new Promise<number>(() => {})];
    for (const pendingDecisions of answers) {
      const { text } = createMetrics({
        withProcess: false,
        sources: { pendingDecisions, poller: () => ({ active: false, lastSuccessAt: null }), health },
        sourceTimeoutMs: 20,
      });
      const shown = await text();
      expect(shown).not.toMatch(/^pending_decisions /m);
      expect(shown).not.toMatch(/^(inbox_backlog|job_last_success_timestamp_seconds)[ {]/m);
      expect(shown).toMatch(/^poller_status 0$/m);
      expect(shown.match(/^health_check_status.*$/gm)).toEqual([
        'health_check_status{check="a_ok"} 1',
        'health_check_status{check="a_degraded"} 0.5',
        'health_check_status{check="a_down"} 0',
      ]);
      expect(await text()).toContain('errors_total{module="store",code="store_unavailable"} 1');
    }
  });
});

const Rule = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.object({ severity: z.enum(["critical", "warning", "info"]) }),
  annotations: z.object({ summary: z.string().min(10), description: z.string().min(30) }),
});

function rulesOf(file: string): z.infer<typeof Rule>[] {
  const File = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(Rule) })) });
  return File.parse(parse(file)).groups.flatMap((group) => group.rules);
}

describe("config/alerts.yaml", () => {
  const rules = rulesOf(read("config/alerts.yaml"));

  it("asks only for metrics and labels that exist", () => {
    expect(rules.length).toBeGreaterThan(15);
    const problems = rules.flatMap(({ alert, expr }) => problemsIn(expr).map((why) => `${alert}: ${why}`));
    expect(problems).toEqual([]);
  });

  it("has a bucket on every limit that it compares a quantile with", () => {
    for (const { alert, expr } of rules) {
      const [, metric] = /rate\((\w+)_bucket/.exec(expr) ?? [];
      const [, limit] = />\s*([\d.]+)\s*$/.exec(expr) ?? [];
      if (metric !== undefined) expect(TABLE[metric]?.buckets, alert).toContain(Number(limit));
    }
  });

  it("has a unit test that makes each rule fire", () => {
    const tests = read("config/alerts.test.yaml");
    for (const { alert, labels } of rules) {
      expect(tests, alert).toContain(`{alertname="${alert}", severity="${labels.severity}"}`);
    }
  });

  it("is checked and tested with promtool in CI", () => {
    const ci = read(".ci/run");
    expect(ci).toContain("promtool check rules config/alerts.yaml");
    expect(ci).toContain("promtool test rules config/alerts.test.yaml");
  });
});

describe("docs/metrics.md", () => {
  it("is the table of metrics and the alert rules, rendered (-u writes it)", async () => {
    const entries = Object.entries(TABLE).map(([name, { type, labels, help }]) => {
      const by = labels.length > 0 ? `, by ${labels.map((label) => `\`${label}\``).join(", ")}` : "";
      return `- \`${name}\` (${type}${by}): ${help}`;
    });
    const alerts = rulesOf(read("config/alerts.yaml")).map(
      ({ alert, expr, labels, annotations, ...rule }) => {
        const lasting = rule.for === undefined ? "" : `, for ${rule.for}`;
        return `### ${alert}\n\n${labels.severity}${lasting}: \`${expr.trim()}\`\n\n${annotations.description}`;
      },
    );
    const page = [METRICS_PAGE_TOP, entries.join("\n"), "## Alerts", ...alerts].join("\n\n");
    await expect(`${page}\n`).toMatchFileSnapshot("../docs/metrics.md");
  });
});

const METRICS_PAGE_TOP = `# Metrics and alerts

\`GET /metrics\` answers in the text format of Prometheus; \`METRICS_TOKEN\` asks for a bearer token, \`ENABLE_METRICS=false\`
turns it off. Every replica counts for itself, from its own start: scrape each one. What nobody knows is absent, never 0.
Work is counted inside checkpointed steps: a restart does not count it again; a step that was cut off and repeated counts twice.
\`docker compose --env-file .env -f config/compose.yaml up\` brings up the bot, PostgreSQL, Prometheus with \`config/alerts.yaml\`,
Alertmanager, which brings the alerts to the bot ([webhooks.md](webhooks.md)), and Grafana with the dashboard. What to do about each alert is in [runbook.md](runbook.md). This page is rendered from \`src/metrics/table.ts\` and \`config/alerts.yaml\`.

## Metrics

Beside these, the process's own (\`process_*\`, \`nodejs_*\`).`;

describe("config/grafana/dashboard.json", () => {
  const Panel = z.object({
    title: z.string(),
    targets: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })).default([]),
  });
  const { panels } = z
    .object({ panels: z.array(Panel) })
    .parse(JSON.parse(read("config/grafana/dashboard.json")));
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it("shows only metrics and labels that exist", () => {
    const problems = panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }) => problemsIn(expr).map((why) => `${title}: ${why}`)),
    );
    expect(problems).toEqual([]);
  });

  it("shows every metric of the bot", () => {
    const hidden = Object.keys(TABLE).filter((name) => !expressions.some((expr) => expr.includes(name)));
    expect(hidden).toEqual([]);
  });

  it("reads from the data source that is provisioned", () => {
    const source = z
      .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
      .parse(parse(read("config/grafana/provisioning/datasources/prometheus.yaml")));
    const uids = new Set(panels.flatMap(({ targets }) => targets.map(({ datasource }) => datasource.uid)));
    expect([...uids]).toEqual(source.datasources.map(({ uid }) => uid));
  });
});

describe("config/compose.yaml", () => {
  const Service = z.object({
    image: z.string().optional(),
    build: z.object({ context: z.string() }).optional(),
    environment: z.record(z.string(), z.string()).default({}),
    volumes: z.array(z.string()).default([]),
    ports: z.array(z.string()).default([]),
  });
  const { services, volumes } = z
    .object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) })
    .parse(parse(read("config/compose.yaml")));

  it("brings up the bot, PostgreSQL, Prometheus, Alertmanager and Grafana, each at a fixed version", () => {
    expect(Object.keys(services).toSorted()).toEqual([
      "alertmanager",
      "bot",
      "grafana",
      "postgres",
      "prometheus",
    ]);
    for (const [name, { image, build }] of Object.entries(services)) {
      if (build) expect(existsSync(at(`config/${build.context}/Dockerfile`)), name).toBe(true);
      else expect(image, name).toMatch(/:v?\d+/);
    }
  });

  it("mounts only files and volumes that exist", () => {
    const sources = Object.values(services).flatMap((service) =>
      service.volumes.map((mount) => mount.split(":")[0] ?? ""),
    );
    const files = sources.filter((source) => source.startsWith("./"));
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((file) => !existsSync(at(`config/${file}`)))).toEqual([]);
    const named = sources.filter((source) => !source.startsWith("./"));
    expect(named.toSorted()).toEqual(Object.keys(volumes).toSorted());
  });

  it("gives the bot a configuration that it accepts", () => {
    const environment = Object.entries(services["bot"]?.environment ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{\w+:-(\w+)\}/g, "$1"),
    ]);
    const config = parseConfig({ ...MINIMAL, ENVIRONMENT: "production", ...Object.fromEntries(environment) });
    expect(config.store.databaseUrl).toContain("@postgres:5432/emm");
    expect(services["bot"]?.ports).toEqual([`${config.http.port}:${config.http.port}`]);
    expect(config.warnings).toEqual([]);
  });

  it("is told of alerts where it listens, by its own secret, and hears of every end", () => {
    const Prometheus = z.object({
      alerting: z.object({
        alertmanagers: z.array(
          z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
        ),
      }),
    });
    const { alerting } = Prometheus.parse(parse(read("config/prometheus.yml")));
    expect(alerting.alertmanagers[0]?.static_configs).toEqual([{ targets: ["alertmanager:9093"] }]);
    const Alertmanager = z.object({
      route: z.object({ receiver: z.string() }),
      receivers: z.array(
        z.object({ name: z.string(), webhook_configs: z.array(z.record(z.string(), z.unknown())) }),
      ),
    });
    const { route, receivers } = Alertmanager.parse(parse(read("config/alertmanager.yml")));
    expect(receivers).toMatchObject([
      {
        name: route.receiver,
        webhook_configs: [
          {
            url: "http://bot:8000/webhooks/alertmanager",
            send_resolved: true,
            max_alerts: 0,
            http_config: { authorization: { credentials_file: "/etc/alertmanager/token" } },
          },
        ],
      },
    ]);
    const Configs = z.object({ configs: z.record(z.string(), z.object({ content: z.string() })) });
    const { configs } = Configs.parse(parse(read("config/compose.yaml")));
    expect(Object.values(configs)[0]?.content).toMatch(/^\$\{WEBHOOK_SECRET_ALERTMANAGER:-unset\}$/);
  });

  it("is scraped where it listens", () => {
    const Scrapes = z.object({
      rule_files: z.array(z.string()),
      scrape_configs: z.array(
        z.object({
          job_name: z.string(),
          static_configs: z.array(z.object({ targets: z.array(z.string()) })),
        }),
      ),
    });
    const prometheus = Scrapes.parse(parse(read("config/prometheus.yml")));
    expect(prometheus.scrape_configs[0]?.static_configs).toEqual([{ targets: ["bot:8000"] }]);
    expect(read("config/alerts.yaml")).toContain(`up{job="${prometheus.scrape_configs[0]?.job_name}"}`);
    expect(prometheus.rule_files.filter((file) => !existsSync(at(`config/${file}`)))).toEqual([]);
  });
});
