/**
 * Who advises: the three built-in points of view, overridden or joined by active rows of the Agent Registry, and
 * keyword rules for the one case in which triage names an adviser who does not exist.
 */
import type { Adviser } from "../domain/analysis.ts";
import { AUDITOR_PROMPT, ENTREPRENEUR_PROMPT, QUANT_PROMPT } from "./prompts/advisers.ts";

interface Persona {
  name: string;
  prompt: string;
  /** Word stems, matched at the start of a word. */
  stems: readonly string[];
}

const PERSONAS: readonly Persona[] = [
  {
    name: "The Entrepreneur",
    prompt: ENTREPRENEUR_PROMPT,
    stems: [
      "market",
      "launch",
      "product",
      "growth",
      "expan",
      "customer",
      "brand",
      "compet",
      "partner",
      "sales",
      "start",
    ],
  },
  {
    name: "The Quant",
    prompt: QUANT_PROMPT,
    stems: [
      "money",
      "cost",
      "pric",
      "budget",
      "revenue",
      "cash",
      "margin",
      "invest",
      "fund",
      "forecast",
      "metric",
      "salar",
      "roi",
    ],
  },
  {
    name: "The Auditor",
    prompt: AUDITOR_PROMPT,
    stems: [
      "risk",
      "legal",
      "law",
      "contract",
      "complian",
      "audit",
      "secur",
      "privacy",
      "gdpr",
      "insur",
      "incident",
      "liab",
      "polic",
    ],
  },
];

/**
 * The three of the dialectic first, in fixed order; other active rows follow as candidates for assignment. A row with
 * a built-in name (whatever its capitals) replaces that adviser; without a prompt it keeps the built-in one.
 */
export function advisers(registry: readonly Adviser[]): Adviser[] {
  const rows = registry.filter((row, i) => registry.findIndex((r) => sameName(r.name, row.name)) === i);
  const three = PERSONAS.map((persona) => {
    const row = rows.find((r) => sameName(r.name, persona.name));
    const name = row?.name.trim() ?? persona.name;
    const prompt = row?.systemPrompt.trim() || persona.prompt;
    return { name, systemPrompt: introduced(name, prompt), pageId: row?.pageId ?? null };
  });
  const others = rows
    .filter((row) => row.name.trim() !== "" && !PERSONAS.some((p) => sameName(p.name, row.name)))
    .map((row) => ({
      name: row.name.trim(),
      systemPrompt: introduced(row.name.trim(), row.systemPrompt.trim()),
      pageId: row.pageId,
    }));
  return [...three, ...others];
}

/** A system prompt opens with who the model is; one that does so already stays as it was written. */
export function introduced(name: string, prompt: string): string {
  const opening = `You are ${name}`;
  return prompt.toLowerCase().startsWith(opening.toLowerCase())
    ? opening + prompt.slice(opening.length)
    : `${opening}.\n\n${prompt}`.trim();
}

/** The name as `names` spells it; for an unknown name, the adviser whose words the text uses most. */
export function assignedAdviser(
  proposed: string,
  { names, text }: { names: readonly string[]; text: string },
): string {
  const known = names.find((name) => sameName(name, proposed));
  if (known !== undefined) return known;
  const byKeywords = PERSONAS.map((persona) => ({ name: persona.name, hits: hitsOf(persona, text) }))
    .filter((candidate) => candidate.hits > 0)
    .toSorted((a, b) => b.hits - a.hits)
    .map((candidate) => candidate.name);
  const preferred = [...byKeywords, ...PERSONAS.map((persona) => persona.name)];
  const found = preferred.flatMap((wanted) => names.find((name) => sameName(name, wanted)) ?? []);
  return found[0] ?? names[0] ?? "The Entrepreneur";
}

function hitsOf(persona: Persona, text: string): number {
  const tokens = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const money =
    persona.name === "The Quant" ? (text.match(/[$€£]\s?\d|\d\s?(?:%|€|usd|eur)/gi)?.length ?? 0) : 0;
  return money + tokens.filter((token) => persona.stems.some((stem) => token.startsWith(stem))).length;
}

function sameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
