/**
 * The workspace of a small company, "Acme leadership": the ten databases with areas, nodes, the advisers, three
 * people, and four things that wait in the inbox. All ids are fixed, so that a configuration can name them.
 */
import type { NotionUser } from "../stand-ins.ts";
import type { NotionSeed, SeedRow, SeedValue } from "./seed.ts";
import { DATABASES, propertiesOf } from "./workspace-schema.ts";
import { fixedId } from "./world.ts";

export type { NotionSeed } from "./seed.ts";

export interface WorkspaceSeedOptions {
  /** The schema of an existing workspace: without the properties and options that `setup` adds. */
  withoutNewProperties?: boolean;
}

const person = (name: string, email: string): NotionUser => ({ id: fixedId(`user/${email}`), name, email });

const DANA = person("Dana Reyes", "dana@acme.example");
const SAM = person("Sam Okafor", "sam@acme.example");
const LEE = person("Lee Park", "lee@acme.example");
/** A guest there as in Slack, and somebody of another company. */
const GALE = person("Gale Moss", "gale@contractor.example");
const ROBIN = person("Robin Vale", "robin@partner.example");

export function createWorkspaceSeed(options: WorkspaceSeedOptions = {}): NotionSeed {
  return {
    token: "ntn_sandbox_0123456789abcdefghijklmnopqrstuvwxyz",
    bot: { id: fixedId("user/bot"), name: "Executive Mind Matrix" },
    workspace: { id: fixedId("workspace/acme"), name: "Acme leadership" },
    parentPage: { id: fixedId("page/executive-mind-matrix"), title: "Executive Mind Matrix" },
    users: [DANA, SAM, LEE, GALE, ROBIN],
    databases: DATABASES.map(({ title, properties }) => ({
      id: fixedId(`database/${title}`),
      dataSourceId: fixedId(`data_source/${title}`),
      title,
      properties: propertiesOf(properties, options.withoutNewProperties === true),
      rows: ROWS[title] ?? [],
    })),
  };
}

function row(
  database: string,
  createdBy: NotionUser,
  values: Record<string, SeedValue> & { name: string },
): SeedRow {
  const { name, ...rest } = values;
  const titleProperty = DATABASES.find((d) => d.title === database)?.properties[0]?.name ?? "Name";
  return { id: rowId(database, name), createdBy: createdBy.id, values: { [titleProperty]: name, ...rest } };
}

function rowId(database: string, name: string): string {
  return fixedId(`row/${database}/${name}`);
}

const areaRow = (name: string) => row("Areas", DANA, { name });
const nodeRow = (name: string, type: string, content: string) =>
  row("Nodes", SAM, { name, Node_Type: type, Content: content });

const ROWS: Record<string, SeedRow[]> = {
  Areas: ["Growth & Market", "Product", "Finance", "People", "Operations"].map(areaRow),
  Nodes: [
    nodeRow("Dana Reyes", "Entity_Person", "Chief executive. Final word on strategy and budget."),
    nodeRow("Sam Okafor", "Entity_Person", "Finance lead. Owns runway, pricing and vendor contracts."),
    nodeRow("Lee Park", "Entity_Person", "Operations lead. Owns delivery, offices and suppliers."),
    nodeRow(
      "Northwind Logistics",
      "Entity_Company",
      "Our largest customer, 18 % of revenue. Renewal in May.",
    ),
    nodeRow("Contoso Cloud", "Entity_Company", "Hosting provider. Contract runs until the end of the year."),
    nodeRow("Pricing model 2026", "Knowledge_Asset", "Seat price plus usage above 10,000 shipments a month."),
    nodeRow(
      "Customer interviews Q3",
      "Knowledge_Asset",
      "14 interviews; slow onboarding is named most often.",
    ),
    nodeRow("Billing service", "System_Component", "Invoices and dunning. Handles EUR and USD only."),
  ],
  "Agent Registry": [
    row("Agent Registry", DANA, {
      name: "The Entrepreneur",
      System_Prompt:
        "You are The Entrepreneur, adviser to the leadership of Acme, a 40-person logistics software company. " +
        "You look for growth that compounds: new markets, stronger customer relationships, speed. You prefer a " +
        "small real experiment this month to a perfect plan next year, and you say plainly what waiting costs.",
      Active: true,
    }),
    row("Agent Registry", DANA, {
      name: "The Quant",
      System_Prompt:
        "You are The Quant, adviser to the leadership of Acme, a 40-person logistics software company with 14 " +
        "months of runway. You think in cash flow, payback time and probabilities. You name the number that " +
        "would change your mind, and you refuse to call a guess a forecast.",
      Active: true,
    }),
    // Not active: the built-in Auditor speaks.
    row("Agent Registry", DANA, {
      name: "The Auditor",
      System_Prompt:
        "You are The Auditor. Draft by legal, not yet agreed: check every option against our policies.",
      Active: false,
    }),
  ],
  "System Inbox": [
    row("System Inbox", DANA, {
      name: "Should we enter the German market this year?",
      Content:
        "Two German freight forwarders asked for a pilot, and Northwind Logistics would introduce us to three " +
        "more. Entering means a local entity, invoices in German, data hosting in the EU and two hires, about " +
        "EUR 600,000 in the first year. Our runway is 14 months. If we wait, our competitor Fabrikam will " +
        "probably sign them in spring. Do we go now, test with a partner, or stay focused on the home market?",
      Status: "Unprocessed",
      Source: "Manual",
      Received_Date: "2026-11-16",
      Inbox_ID: 1,
    }),
    row("System Inbox", SAM, {
      name: "Move the support team to a four-day week?",
      Content:
        "Support asked for a three-month trial of a four-day week. Answer times are fine today, two people left " +
        "last year naming workload. We could trial it, hire one more agent instead, or change the shift plan.",
      Status: "Unprocessed",
      Source: "Manual",
      Received_Date: "2026-11-17",
      Inbox_ID: 2,
    }),
    row("System Inbox", LEE, {
      name: "Renew the Contoso Cloud contract before 15 December",
      Content:
        "Contract ends on 31 December, notice period two weeks. Ask for the three-year discount and sign.",
      Status: "Unprocessed",
      Source: "Manual",
      Received_Date: "2026-11-18",
      Inbox_ID: 3,
    }),
    row("System Inbox", SAM, {
      name: "Notes from the call with Priya Raman of Fabrikam",
      Content:
        "Priya Raman, partner lead at Fabrikam, told us they are building their own customs module with Contoso " +
        "Cloud. She is open to an exchange of shipment data. Good to remember before the Northwind renewal.",
      Status: "Unprocessed",
      Source: "Manual",
      Received_Date: "2026-11-18",
      Inbox_ID: 4,
    }),
  ],
};
