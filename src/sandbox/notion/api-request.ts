/** One request after routing, as the endpoint functions get it. */
import type { Json } from "./shape.ts";
import type { World } from "./world.ts";

export interface ApiRequest {
  world: World;
  /** User id of the bot behind the token. */
  actor: string;
  version: ApiVersion;
  /** Ids and names from the path; ids are dashed. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Json;
}

export type ApiVersion = "2025-09-03" | "2026-03-11";
export const API_VERSIONS: readonly ApiVersion[] = ["2025-09-03", "2026-03-11"];

export function pathParam(request: ApiRequest, name: string): string {
  return request.params[name] ?? "";
}

/** `archived` is an alias of `in_trash` that the newer version no longer knows. */
export function trashFlags(request: ApiRequest, inTrash: boolean): Json {
  return request.version === "2025-09-03" ? { in_trash: inTrash, archived: inTrash } : { in_trash: inTrash };
}

export function trashKeys(request: ApiRequest): string[] {
  return request.version === "2025-09-03" ? ["in_trash", "archived"] : ["in_trash"];
}

/** The trash state a request asks for; undefined when it says nothing. */
export function wantedTrash(request: ApiRequest): boolean | undefined {
  const wanted = request.body["in_trash"] ?? request.body["archived"];
  return typeof wanted === "boolean" ? wanted : undefined;
}
