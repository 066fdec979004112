/** The identity of a plan: what a vote and a second start of the same run are bound to. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Plan } from "./plan.js";

/**
 * JSON with the keys of every object in code unit order and without white space, so that equal values have equal
 * texts. Follows `JSON.stringify` in what it leaves out (undefined) and refuses (cycles, by running out of stack).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members: string[] = [];
  for (const [key, member] of Object.entries(value).sort(byKey)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

/** SHA-256, in hex, of the canonical JSON of everything in the plan but `hash` itself. */
export function hashPlan(plan: Omit<Plan, "hash">): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson({ ...plan, hash: undefined }))));
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
