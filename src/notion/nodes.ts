/** Finds or makes the nodes an item speaks of, each once. */
import type { Concept } from "../domain/analysis.ts";
import type { nodes as nodeTable } from "./databases/nodes.ts";
import type { Clock } from "./gateway.ts";
import type { NodeRef } from "./known-nodes.ts";
import { normalName } from "./near-names.ts";
import { createNodeIndex, standing } from "./node-index.ts";
import type { Exclusive, NodeMemory } from "./ports.ts";
import type { Table } from "./table.ts";

const MAX_GENERATIONS = 20;

interface NodeDeps {
  table: Table<typeof nodeTable>;
  memory: NodeMemory;
  exclusive: Exclusive;
  clock: Clock;
}

export function createNodes({ table, memory, exclusive, clock }: NodeDeps) {
  const index = createNodeIndex({ table, memory, clock });

  async function make(concept: Concept, suspect: boolean): Promise<NodeRef> {
    const name = concept.name.trim();
    for (let generation = 1; ; generation++) {
      const key = `node:${normalName(name)}${generation === 1 ? "" : `#${generation}`}`;
      const draft = () => ({ Name: name, Node_Type: concept.type });
      const page = await table.create({ key, suspect }, draft);
      const found = page.existed ? await standing(table, page.id) : { id: page.id, name };
      if (found === null && generation < MAX_GENERATIONS) continue;
      const ref = found ?? { id: page.id, name };
      index.made(ref);
      return ref;
    }
  }

  async function findOrMake(concepts: Concept[], suspect: boolean): Promise<NodeRef[]> {
    await index.refreshFor(concepts);
    const refs: NodeRef[] = [];
    // One after the other: rows made in parallel under one parent conflict, and two concepts may be one node.
    for (const concept of concepts) {
      const known = index.match(concept);
      refs.push(known ? { id: known.id, name: known.name } : await make(concept, suspect));
    }
    return refs;
  }

  return {
    async find(concepts: Concept[], options: { suspect?: boolean }): Promise<NodeRef[]> {
      if (concepts.length === 0) return [];
      return exclusive("nodes", () => findOrMake(concepts, options.suspect ?? false));
    },
    warmUp: index.warmUp,
  };
}
