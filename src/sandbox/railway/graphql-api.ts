/**
 * Railway's GraphQL API over the world: every document and its variables are checked against Railway's schema by
 * graphql-js, and refused as Railway refuses. `schema.graphql` holds the part of it that is served.
 */
import { readFile } from "node:fs/promises";
import type { GraphQLSchema } from "graphql";
import type { HttpAnswer } from "../faults.ts";
import type { TurnsOut } from "../stand-ins.ts";
import type { DeploymentEntry, DeploymentsWorld } from "./deployments-world.ts";

export interface Caller {
  kind: "project" | "account" | "nobody";
}

export interface ApiRules {
  world: DeploymentsWorld;
  ids: { project: string; environment: string; service: string };
  forbidden: ReadonlySet<string>;
  nextTurnsOut: TurnsOut;
  /** Called when a deployment was made. */
  deployed(): void;
}

/** Loaded with the first request: most bots in tests never ask. */
let loaded: Promise<{ graphql: typeof import("graphql"); schema: GraphQLSchema }> | null = null;

export function loadSchema() {
  loaded ??= (async () => {
    const graphql = await import("graphql");
    const text = await readFile(new URL("./schema.graphql", import.meta.url), "utf8");
    const schema = graphql.buildSchema(text);
    const status = schema.getType("DeploymentStatus");
    // Words that the published schema does not have were seen in answers.
    if (graphql.isEnumType(status)) status.serialize = (value) => String(value);
    return { graphql, schema };
  })();
  return loaded;
}

/** Root fields of a document, for the list of calls and for faults; the whole text of what cannot be parsed is not. */
export async function rootFields(query: unknown): Promise<string> {
  const { graphql } = await loadSchema();
  try {
    const document = graphql.parse(typeof query === "string" ? query : "");
    const fields = document.definitions.flatMap((definition) =>
      definition.kind === graphql.Kind.OPERATION_DEFINITION
        ? definition.selectionSet.selections.flatMap((one) =>
            one.kind === graphql.Kind.FIELD ? one.name.value : [],
          )
        : [],
    );
    return fields.join("+");
  } catch {
    return "unreadable";
  }
}

export async function answerGraphql(body: unknown, caller: Caller, rules: ApiRules): Promise<HttpAnswer> {
  const { graphql, schema } = await loadSchema();
  const { query, variables } =
    typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  if (typeof query !== "string") return refused(400, "GraphQL operations must contain a non-empty `query`.");
  let document: import("graphql").DocumentNode;
  try {
    document = graphql.parse(query);
  } catch (error) {
    return refused(400, error instanceof Error ? error.message : "Syntax Error", "GRAPHQL_PARSE_FAILED");
  }
  const problems = graphql.validate(schema, document);
  if (problems.length > 0) {
    const errors = problems.map(({ message }) => ({
      message,
      extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
    }));
    return { status: 400, body: { errors } };
  }
  const result = await graphql.execute({
    schema,
    document,
    rootValue: resolvers(caller, rules, graphql),
    variableValues: typeof variables === "object" ? (variables as Record<string, unknown>) : {},
  });
  return { status: 200, body: result };
}

function refused(status: number, message: string, code = "BAD_REQUEST"): HttpAnswer {
  return { status, body: { errors: [{ message, extensions: { code } }] } };
}

interface ListArgs {
  input: { projectId?: string; environmentId?: string; serviceId?: string };
  first?: number;
}

function resolvers(caller: Caller, rules: ApiRules, { GraphQLError }: typeof import("graphql")) {
  const { world, ids, forbidden } = rules;
  const fail = (message: string) =>
    new GraphQLError(message, { extensions: { code: "INTERNAL_SERVER_ERROR" } });
  const guarded =
    <A, R>(field: string, run: (args: A) => R) =>
    (args: A): R => {
      if (caller.kind === "nobody" || forbidden.has(field)) throw fail("Not Authorized");
      return run(args);
    };
  const existing = (id: string) => {
    const found = world.find(id);
    if (found === null) throw fail("Deployment not found");
    return found;
  };
  return {
    projectToken: guarded("projectToken", () => {
      if (caller.kind !== "project") throw fail("Project Token not found");
      return { id: "token-1", name: "bot", projectId: ids.project, environmentId: ids.environment };
    }),
    deployments: guarded("deployments", ({ input, first }: ListArgs) => {
      const isOurs =
        input.projectId === ids.project &&
        input.environmentId === ids.environment &&
        input.serviceId === ids.service;
      if (!isOurs) throw fail("Not Authorized");
      const nodes = world.all().slice(0, first ?? 100);
      return { edges: nodes.map((node) => ({ cursor: node.id, node })), pageInfo: NO_MORE };
    }),
    deployment: guarded("deployment", ({ id }: { id: string }) => ({ ...existing(id), ...placeOf(rules) })),
    serviceInstance: guarded("serviceInstance", (args: { environmentId: string; serviceId: string }) => {
      if (args.environmentId !== ids.environment || args.serviceId !== ids.service)
        throw fail("Not Authorized");
      return serviceInstance(rules);
    }),
    project: guarded("project", ({ id }: { id: string }) => {
      if (id !== ids.project) throw fail("Not Authorized");
      return { id, name: "executive-mind-matrix", subscriptionType: "hobby" };
    }),
    deploymentEvents: guarded("deploymentEvents", ({ id }: { id: string }) => {
      const nodes = existing(id).events.map(({ step, error }, at) => ({
        id: `${id}:${at}`,
        step,
        payload: { error },
      }));
      return { edges: nodes.map((node) => ({ cursor: node.id, node })), pageInfo: NO_MORE };
    }),
    deploymentRollback: guarded("deploymentRollback", ({ id }: { id: string }) => {
      const target = existing(id);
      world.all();
      if (!target.canRollback) throw fail("Deployment cannot be rolled back");
      rollBack(target, rules);
      return true;
    }),
  };
}

/** Everything here belongs to one service. */
function placeOf({ ids }: ApiRules) {
  return {
    ...{ projectId: ids.project, environmentId: ids.environment, serviceId: ids.service },
    service: { id: ids.service, name: SERVICE_NAME },
    environment: { id: ids.environment, name: "production" },
  };
}

const SERVICE_NAME = "executive-mind-matrix";
const NO_MORE = { hasNextPage: false, hasPreviousPage: false };

function rollBack(target: DeploymentEntry, rules: ApiRules): void {
  rules.world.deploy({ ...target.meta, reason: "rollback" }, { turnsOut: rules.nextTurnsOut, build: false });
  rules.deployed();
}

/** As railway.json of this repository sets it. */
function serviceInstance({ world, ids }: ApiRules) {
  return {
    id: "instance-1",
    serviceName: SERVICE_NAME,
    serviceId: ids.service,
    environmentId: ids.environment,
    healthcheckPath: "/health",
    healthcheckTimeout: 100,
    restartPolicyType: "ON_FAILURE",
    restartPolicyMaxRetries: 10,
    drainingSeconds: 30,
    dockerfilePath: "Dockerfile",
    activeDeployments: world.active(),
    latestDeployment: world.all()[0] ?? null,
  };
}
