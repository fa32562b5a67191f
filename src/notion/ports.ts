/** What the Notion adapter needs from the store. */

/** Makes a create happen once: written before the request, completed after it. */
export interface WriteLedger {
  /**
   * `pageId` when it is already done; `retried` when an earlier try may have reached Notion; `doubtful` when one may have
   * of which the store knows nothing, because it was restored from a backup.
   */
  begin(
    key: string,
  ): Promise<{ pageId: string | null; retried: boolean; doubtful?: boolean; startedAt: string }>;
  done(key: string, pageId: string): Promise<void>;
}

/** The request budget, shared by all replicas. */
export interface Pacer {
  /** Resolves when the next request may be sent. */
  take(): Promise<void>;
  /** Nobody sends anything for this long (429, 529). */
  pauseFor(durationMs: number): Promise<void>;
}

/** Runs one holder of `name` at a time, across replicas. */
export type Exclusive = <T>(name: string, run: () => Promise<T>) => Promise<T>;

/** Numbers that never repeat. `floor` is asked once in a store's life for the highest number already in use. */
export interface Counters {
  next(name: string, floor: () => Promise<number>): Promise<number>;
}

/** The nodes of a data source as they were last read, so that a start reads only what changed since. */
export interface NodeMemory {
  /** null = they were never read to the end. */
  load(dataSourceId: string): Promise<(NodeReading & { nodes: { id: string; title: string }[] }) | null>;
  /** `titles` by id, null = gone. */
  save(
    dataSourceId: string,
    change: NodeReading & { titles: ReadonlyMap<string, string | null> },
  ): Promise<void>;
}

export interface NodeReading {
  /** Milliseconds since 1970: everything edited before is known. */
  since: number;
  /** Notion has nodes that it does not list. */
  isPartial: boolean;
}
