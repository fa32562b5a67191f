/** Sorts one inbox item. */
import { z } from "zod";
import { NODE_TYPES, type Triage } from "../domain/analysis.ts";
import type { Answer, AskContext } from "../workflows/ports.ts";
import type { Claude } from "./claude.ts";
import { fenceFor, itemText } from "./fence.ts";
import { assignedAdviser } from "./personas.ts";
import { triageSystem } from "./prompts/triage.ts";
import { name, oneOf, scale, words } from "./schema.ts";

const MAX_CONCEPTS = 6;

const ConceptSchema = z.object({
  name: name(),
  type: oneOf(NODE_TYPES),
});

const TriageSchema = z.object({
  rationale: words().describe("One or two sentences."),
  kind: oneOf(["strategic", "operational", "reference"]),
  title: words().describe("At most 70 characters."),
  risk: oneOf(["Low", "Medium", "High"]),
  impact: scale(1, 10).describe("1 (a convenience) to 10 (the company's direction)."),
  area: z.string().nullable().describe("One of the areas listed, or null."),
  adviser: z.string().describe("One of the advisers listed."),
  concepts: z.array(ConceptSchema).describe("At most 6."),
});

export async function triage(
  claude: Claude,
  ask: AskContext & { model: string; areas: string[]; advisers: string[] },
): Promise<Answer<Triage>> {
  const fence = fenceFor(ask.item);
  const answer = await claude.ask({
    key: ask.key,
    step: "triage",
    itemId: ask.item.id,
    model: ask.model,
    effort: "low",
    answerTokens: 1_500,
    system: `${triageSystem(ask)}\n\n${fence.rule}`,
    prompt: `Classify this inbox item.\n\n${fence.around(itemText(ask.item))}`,
    schema: TriageSchema,
  });
  if (answer.kind === "failed") return answer;
  return { ...answer, value: settled(answer.value, ask) };
}

/** Names as this workspace spells them; what it does not have becomes null, or the adviser that the words suggest. */
function settled(
  raw: z.infer<typeof TriageSchema>,
  { item, areas, advisers }: AskContext & { areas: string[]; advisers: string[] },
): Triage {
  const wantedArea = raw.area?.trim().toLowerCase();
  const named = raw.concepts.filter((concept) => concept.name !== "");
  const first = (name: string) => named.find((c) => c.name.toLowerCase() === name.toLowerCase());
  return {
    kind: raw.kind,
    title: raw.title,
    risk: raw.risk,
    impact: raw.impact,
    area: areas.find((area) => area.trim().toLowerCase() === wantedArea) ?? null,
    concepts: named.filter((concept) => first(concept.name) === concept).slice(0, MAX_CONCEPTS),
    adviser: assignedAdviser(raw.adviser, { names: advisers, text: `${item.title}\n${item.content}` }),
    rationale: raw.rationale,
  };
}
