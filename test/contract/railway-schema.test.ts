/**
 * Every question of the bot is valid in Railway's schema, and the stand-in refuses what Railway refuses. The part of the
 * schema in the repository is compared with a whole one where RAILWAY_SCHEMA_FILE names its introspection.
 */
import { existsSync, readFileSync } from "node:fs";
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as documents from "../../src/railway/documents.ts";
import { createRailwayStandIn } from "../../src/sandbox/railway/railway-stand-in.ts";
import type { RailwayStandIn } from "../../src/sandbox/stand-ins.ts";

const SDL = readFileSync(new URL("../../src/sandbox/railway/schema.graphql", import.meta.url), "utf8");
const part = buildSchema(SDL);
const FIXTURE = new URL("../fixtures/railway-schema.json", import.meta.url);

/** null where nobody gave one: the file is too big to keep. */
function wholeSchema(): GraphQLSchema | null {
  const file = process.env["RAILWAY_SCHEMA_FILE"] ?? (existsSync(FIXTURE) ? FIXTURE : null);
  if (file === null) return null;
  const json: { data?: IntrospectionQuery } & Partial<IntrospectionQuery> = JSON.parse(
    readFileSync(file, "utf8"),
  );
  const introspection = json.data ?? json;
  if (introspection.__schema === undefined) throw new Error("not an introspection result");
  return buildClientSchema({ __schema: introspection.__schema });
}

/** "Deployment.id(): ID!" for everything in `schema`, cut to the types and fields of `like`. */
function signatures(schema: GraphQLSchema, like: GraphQLSchema): string[] {
  return Object.values(like.getTypeMap())
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap(({ name }) => {
      const [own, model] = [schema.getType(name), like.getType(name)];
      if (isEnumType(own)) return own.getValues().map((value) => `${name}.${value.name}`);
      if (
        (isObjectType(own) && isObjectType(model)) ||
        (isInputObjectType(own) && isInputObjectType(model))
      ) {
        const fields = own.getFields();
        return Object.keys(model.getFields()).map((field) => `${name}.${signature(fields[field])}`);
      }
      return [`${name} ${own?.constructor.name ?? "is missing"}`];
    });
}

interface Field {
  name: string;
  type: unknown;
  args?: readonly { name: string; type: unknown }[];
}

function signature(field: Field | undefined): string {
  if (field === undefined) return "is missing";
  const args = (field.args ?? []).map(({ name, type }) => `${name}: ${String(type)}`).toSorted();
  return `${field.name}(${args.join(", ")}): ${String(field.type)}`;
}

const questions = Object.entries(documents);

describe("the bot's questions", () => {
  it("are all looked at", () => {
    expect(questions.length).toBeGreaterThan(6);
  });

  it.each(questions)("%s is valid", (_, document) => {
    expect(validate(part, parse(document))).toEqual([]);
    const whole = wholeSchema();
    if (whole !== null) expect(validate(whole, parse(document))).toEqual([]);
  });
});

describe("schema.graphql", () => {
  it("differs in nothing from Railway's own, where that is given", () => {
    const whole = wholeSchema() ?? part;
    expect(signatures(part, part).length).toBeGreaterThan(80);
    expect(signatures(whole, part)).toEqual(signatures(part, part));
  });
});

describe("the stand-in", () => {
  let world: RailwayStandIn;
  beforeAll(async () => {
    world = await createRailwayStandIn();
  });
  afterAll(() => world.close());

  async function ask(query: string, variables: object = {}) {
    const response = await fetch(world.apiUrl, {
      method: "POST",
      headers: { "content-type": "application/json", "project-access-token": world.projectToken },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, text: await response.text() };
  }

  it.each([
    [
      "a selection on the rollback",
      "mutation($id: String!) { deploymentRollback(id: $id) { id status } }",
      "must not have a selection",
    ],
    [
      "a filter that does not exist",
      "{ deployments(input: { status: { successfulOnly: true } }) { edges { node { id } } } }",
      "successfulOnly",
    ],
    ["a field that does not exist", "{ projectToken { workspaceId2 } }", "workspaceId2"],
    ["what is no GraphQL", "{ deployments(", "Syntax Error"],
  ])("refuses %s", async (_, query, words) => {
    const { status, text } = await ask(query, { id: "1" });
    expect(status).toBe(400);
    expect(text).toContain(words);
  });

  it("refuses variables that do not fit", async () => {
    const { text } = await ask(documents.DEPLOYMENT, { id: 7 });
    expect(text).toMatch(/Variable .*\$id.* got invalid value 7/);
    expect((await ask(documents.DEPLOYMENT, {})).text).toMatch(/\$id/);
  });
});
