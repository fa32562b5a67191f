/** Sorting an item by its words, as a careful office manager would. */
import { clip, lowerFirst, numberFrom, type Reading, say, upperFirst } from "./reading.ts";
import { isTrade, isUpheaval } from "./upheaval.ts";

const ASKS =
  /\b(should (?:we|i|the)|whether|shall we|do we|could we|decide|decision|trade-?off|proposal|versus|vs\.?)\b/i;
const REFERENCE_START =
  /^(?:fyi|note|notes|met|remember|article|read|reading|link|learned|learning|contact|background|minutes|summary|meeting notes|for reference|interesting|heard)\b/i;
const REFERENCE_WORDS =
  /\b(fyi|meeting notes|notes from|met with|remember that|article|for the record|worth knowing|prefers|birthday)\b/i;
const TASK_START =
  /^(?:please\s+)?(?:book|renew|schedule|fix|send|order|update|call|email|pay|cancel|prepare|print|remind|set up|upload|invite|submit|reply|clean|confirm|arrange|organi[sz]e|file|restart|check|review|write|return|register|buy)\b/i;
const STRATEGIC_WORDS =
  /\b(expan\w*|hir(?:e|ing)|pric(?:e|es|ing)|acqui\w*|merge\w*|enter\w*|launch\w*|strateg\w*|invest\w*|funding|partner\w*|layoff\w*|restructur\w*|remote|policy|migrat\w*|switch\w*|sunset\w*|compet\w*|budget)\b/i;

const HIGH_RISK =
  /\b(lawsuit|legal|gdpr|regulat\w*|personal data|data breach|breach|layoff\w*|acqui\w*|merge\w*|loan|debt|bankrupt\w*|insolven\w*|run out of cash|runway|safety|sanction\w*|whistle\w*|security incident)\b/i;
const MEDIUM_RISK =
  /\b(contract|hir(?:e|ing)|pric(?:e|es|ing)|expan\w*|enter\w*|migrat\w*|switch\w*|customers?|vendor|supplier|remote|salar\w*|lease|launch\w*)\b/i;
const BIG =
  /\b(company|market|expan\w*|enter\w*|country|acqui\w*|merge\w*|layoff\w*|strateg\w*|funding|all customers|restructur\w*|board)\b/i;
/** Things of daily comfort, whatever else the item says. */
export const SMALL = /\b(coffee|snack\w*|swag|lunch|stickers?|plants?|chairs?|newsletter|mug|parking)\b/i;

const TITLE_CHARS = 120;

const AMOUNTS = { small: 25_000, large: 250_000, huge: 500_000, million: 1_000_000 };

export interface Sorted {
  kind: "strategic" | "operational" | "reference";
  title: string;
  risk: "Low" | "Medium" | "High";
  impact: number;
  area: string | null;
  adviser: string;
  concepts: { name: string; type: string }[];
  rationale: string;
}

export function sortItem(reading: Reading, lists: { areas: string[]; advisers: string[] }): Sorted {
  const kind = kindOf(reading);
  const risk = riskOf(reading, kind);
  const impact = impactOf(reading, kind);
  return {
    kind,
    title: titleOf(reading),
    risk,
    impact,
    area: areaOf(reading.text, lists.areas),
    adviser: adviserOf(reading, lists.advisers),
    concepts: conceptsOf(reading),
    rationale: rationaleOf(reading, { kind, risk, impact }),
  };
}

function kindOf(reading: Reading): Sorted["kind"] {
  const { title, text } = reading;
  const opening = title.replace(/^[^\w]+/, "");
  if (ASKS.test(title)) return "strategic";
  if (REFERENCE_START.test(opening)) return "reference";
  if (isUpheaval(reading)) return "strategic";
  if (TASK_START.test(opening)) return "operational";
  if (ASKS.test(text)) return "strategic";
  if (REFERENCE_WORDS.test(text)) return "reference";
  if (STRATEGIC_WORDS.test(text) || title.includes("?")) return "strategic";
  return text.length < 160 ? "operational" : "reference";
}

export function riskOf(reading: Reading, kind: Sorted["kind"]): Sorted["risk"] {
  const { text, stake } = reading;
  if (kind === "reference") return "Low";
  const amount = stake?.amount ?? 0;
  const isGrave = HIGH_RISK.test(text) || amount >= AMOUNTS.huge || isUpheaval(reading);
  if (kind === "strategic" && isGrave) return "High";
  if (SMALL.test(text)) return "Low";
  return MEDIUM_RISK.test(text) || amount >= AMOUNTS.small
    ? kind === "strategic"
      ? "Medium"
      : "Low"
    : "Low";
}

export function impactOf(reading: Reading, kind: Sorted["kind"]): number {
  const { text, stake } = reading;
  const base = { strategic: 5, operational: 3, reference: 2 }[kind];
  const amount = stake?.amount ?? 0;
  const byMoney =
    amount >= AMOUNTS.million ? 3 : amount >= AMOUNTS.large ? 2 : amount >= AMOUNTS.small ? 1 : 0;
  const isWhole = isUpheaval(reading);
  const size = isWhole ? 4 : BIG.test(text) ? 2 : MEDIUM_RISK.test(text) ? 1 : 0;
  const bySize = kind === "strategic" ? size : 0;
  const small = !isWhole && SMALL.test(text) ? -3 : 0;
  const most = kind === "strategic" ? 10 : 5;
  return Math.min(most, Math.max(1, base + byMoney + bySize + small));
}

function titleOf(reading: Reading): string {
  return upperFirst(
    clip(
      shortest(reading)
        .replace(/^(?:fyi|note|remember)\s*[:,-]\s*/i, "")
        .replace(/\.$/, ""),
      TITLE_CHARS,
    ),
  );
}

/** Where a question is asked, what comes before and after it is the reason for it. */
function shortest({ title, asked }: Reading): string {
  return asked !== null && title.includes(asked) ? asked : title;
}

const AREA_WORDS: [RegExp, RegExp][] = [
  [
    /market|growth|sales|commerc|go-to/i,
    /\b(expan\w*|market\w*|sales|customers?|pric\w*|enter\w*|brand|campaign|compet\w*)\b/i,
  ],
  [/people|hr|team|talent/i, /\b(hir\w*|recruit\w*|salar\w*|remote|team|onboarding|vacation|offsite)\b/i],
  [/financ|money|cash/i, /\b(budget|invoice\w*|cash|loan|funding|tax|cost\w*|bank)\b/i],
  [
    /product|engineer|tech|platform/i,
    /\b(product|feature|roadmap|api|app|migrat\w*|database|certificate|software|crm)\b/i,
  ],
  [/legal|complian|risk/i, /\b(contract|legal|gdpr|law\w*|complian\w*|audit|policy)\b/i],
  [/operat|office|admin/i, /\b(office|lease|supplier|vendor|travel|flights?|book|order|renew)\b/i],
];

function areaOf(text: string, areas: string[]): string | null {
  const named = areas.find((area) => text.toLowerCase().includes(area.toLowerCase()));
  if (named) return named;
  const fitting = AREA_WORDS.filter(([, words]) => words.test(text));
  return fitting.flatMap(([name]) => areas.find((area) => name.test(area)) ?? [])[0] ?? null;
}

const ADVISER_WORDS: [RegExp, RegExp][] = [
  [
    /auditor/i,
    /\b(legal|contract|gdpr|law\w*|complian\w*|risk\w*|security|breach|policy|lease|insur\w*|remote|acqui\w*)\b/i,
  ],
  [
    /quant/i,
    /\b(pric\w*|cost\w*|budget|cash|margin|forecast|loan|salar\w*|hir\w*|invest\w*|crm|vendor|supplier)\b/i,
  ],
  [/entrepreneur/i, /./],
];

function adviserOf({ text }: Reading, advisers: string[]): string {
  const fitting = ADVISER_WORDS.filter(([, words]) => words.test(text));
  const known = fitting.flatMap(([name]) => advisers.find((adviser) => name.test(adviser)) ?? []);
  return known[0] ?? advisers[0] ?? "The Entrepreneur";
}

// --- Concepts ---------------------------------------------------------------------------------------------

const COMPANY =
  /\b((?:[A-Z][\w&-]+\s){0,2}[A-Z][\w&-]+\s(?:Inc|GmbH|AG|Ltd|LLC|Corp|SA|BV|SE|Group|Labs))\b\.?/g;
const SYSTEM =
  /\b(HubSpot|Salesforce|Notion|Slack|Stripe|Postgres(?:QL)?|AWS|Azure|Google Cloud|GitHub|Jira|Zendesk|Intercom|Datadog|Kubernetes|Figma|SAP|Xero|QuickBooks|Airtable|Zapier)\b/g;
const PERSON =
  /\b(?:[Mm]et|[Ww]ith|[Cc]all|[Aa]sk|[Ee]mail|[Ff]rom|[Bb]y|[Aa]nd|[Ff]or|[Rr]emember|[Tt]hat)\s+([A-Z][a-zäöüéèáà]+\s[A-Z][a-zäöüéèáà]+)\b/g;
const SUBJECTS: [RegExp, string][] = [
  [/\b(expan\w*|market entry|enter\w*)\b/i, "Market entry"],
  // A discount that we ask for is no price of ours.
  [/\b(pric\w*|discounts)\b/i, "Pricing"],
  [/\b(hir(?:e|ing)|recruit\w*)\b/i, "Hiring"],
  [/\b(gdpr|personal data|privacy)\b/i, "Data protection"],
  [/\b(remote|hybrid|office days?)\b/i, "Remote work"],
  [/\b(contracts?)\b/i, "Contracts"],
  [/\bsecurity|breach\b/i, "Security"],
  [/\bonboarding\b/i, "Onboarding"],
  [/\bCRM\b/, "CRM"],
  [/\b(lease|office)\b/i, "Office"],
];
const ACQUISITION = /\b(acqui\w*|merge\w*)\b/i;
const PLACE =
  /\b(Germany|France|Spain|Italy|Austria|Switzerland|Poland|Netherlands|Portugal|Sweden|Denmark|Norway|UK|United Kingdom|Ireland|USA|United States|Canada|Mexico|Brazil|Japan|India|China|Singapore|Australia|Berlin|London|Paris|Madrid|Lisbon|New York|Tokyo|Europe|Asia)\b/g;

function conceptsOf(reading: Reading): Sorted["concepts"] {
  const { text } = reading;
  const found = [
    ...[...text.matchAll(COMPANY)].map((m) => ({ name: m[1] ?? "", type: "Entity_Company" })),
    ...[...text.matchAll(PERSON)]
      .filter((m) => !/\s(?:GmbH|Group|Labs)$/.test(m[1] ?? ""))
      .map((m) => ({ name: m[1] ?? "", type: "Entity_Person" })),
    ...[...text.matchAll(SYSTEM)].map((m) => ({ name: m[1] ?? "", type: "System_Component" })),
    ...[...text.matchAll(PLACE)].map((m) => ({ name: m[1] ?? "", type: "Knowledge_Asset" })),
    ...(ACQUISITION.test(text) || isTrade(reading) ? [{ name: "Acquisition", type: "Knowledge_Asset" }] : []),
    ...SUBJECTS.filter(([words]) => words.test(text)).map(([, name]) => ({ name, type: "Knowledge_Asset" })),
  ];
  const names = found.map((concept) => concept.name.toLowerCase());
  return found.filter((concept, i) => names.indexOf(concept.name.toLowerCase()) === i).slice(0, 4);
}

const NEAR: Record<Sorted["kind"], string[]> = {
  strategic: [
    "There is a real choice here and more than one defensible answer",
    "Somebody has to choose between ways that exclude each other",
  ],
  operational: [
    "The way is clear; somebody has to do it",
    "Nothing to weigh here, only something to get done",
  ],
  reference: [
    "Nothing to choose and nothing to do; worth finding again",
    "Background that will be useful later, without an action",
  ],
};

function rationaleOf(
  reading: Reading,
  { kind, risk, impact }: Pick<Sorted, "kind" | "risk" | "impact">,
): string {
  const opening = NEAR[kind][numberFrom(reading.title) % 2] ?? "";
  if (kind !== "strategic") return `${opening}.`;
  const stake = reading.stake ? ` with ${say(reading.stake)} at stake` : "";
  const undo = {
    Low: "it can be undone within weeks",
    Medium: "undoing it would cost about a quarter",
    High: "it is hard to undo and touches obligations",
  }[risk];
  return `${opening}${stake}: ${lowerFirst(reading.act)}. Impact ${impact} of 10; risk ${risk.toLowerCase()}, because ${undo}.`;
}
