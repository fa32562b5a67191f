/** Closed during a maintenance, but for those who have to come in: the platform, Slack, and whom the operator lets. */
import { BlockList, isIPv4 } from "node:net";
import type { RequestHandler } from "express";
import { refuse } from "./faults.ts";
import type { HttpPorts, HttpSettings } from "./ports.ts";
import { callerAddress } from "./protection.ts";
import { ALWAYS_OPEN } from "./route-table.ts";

export function closeForMaintenance(settings: HttpSettings, { maintenance }: HttpPorts): RequestHandler {
  const open = new Set([...ALWAYS_OPEN, ...settings.foreignPaths]);
  const allowed = addressList(settings.maintenanceAllowedIps);
  return (request, response, next) => {
    const closed = maintenance();
    // The router takes "/Health/" for "/health".
    const path = request.path.toLowerCase().replace(/\/+$/, "");
    if (closed === null || open.has(path)) return next();
    if (isOn(allowed, callerAddress(request, settings.isBehindRailway))) return next();
    response.set("Retry-After", String(closed.retryAfterSeconds));
    refuse(response, 503, {
      error: "maintenance",
      message: `Maintenance until ${closed.until}: ${closed.reason}`,
    });
  };
}

/** Addresses and ranges such as 10.0.0.0/8; what they may hold was checked when the variable was read. */
function addressList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const family = familyOf(address);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** ::ffff:192.0.2.1 is found under 192.0.2.1. */
function isOn(list: BlockList, address: string): boolean {
  return list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
