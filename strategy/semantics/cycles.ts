import { list, numbered } from '../document.js';
import type { Findings } from './findings.js';
import type { Inventory } from './inventory.js';

/** One circle can be walked in many ways; a person breaks a few and checks again. */
const MAX_CIRCLES = 100;

interface Node {
  readonly id: string;
  readonly edges: readonly { readonly to: string; readonly pointer: string }[];
}

/** Nothing depends on itself, directly or in a circle. */
export function checkCycles(inventory: Inventory, findings: Findings): void {
  const timeline = inventory.document.execution_timeline;
  const path = list(timeline?.critical_path).map((entry, index) => {
    const edges = edgesOf(entry.dependencies, `/execution_timeline/critical_path/${index}/dependencies`);
    return { id: entry.step_id, edges };
  });
  const milestones = list(timeline?.milestones).map((milestone, index) => {
    const edges = edgesOf(milestone.dependencies, `/execution_timeline/milestones/${index}/dependencies`);
    return { id: milestone.milestone_id, edges };
  });
  findCycles(path, findings);
  findCycles(milestones, findings);
}

function edgesOf(texts: Parameters<typeof numbered>[0], pointer: string): Node['edges'] {
  return numbered(texts).map(({ index, text }) => ({ to: text, pointer: `${pointer}/${index}` }));
}

/** A depth-first walk that keeps its own stack: a chain may be as long as the file. */
function findCycles(nodes: readonly Node[], findings: Findings): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const finished = new Set<string>();
  let found = 0;
  for (const start of nodes) {
    if (finished.has(start.id)) continue;
    const path: { readonly node: Node; next: number }[] = [{ node: start, next: 0 }];
    const onPath = new Map([[start.id, 0]]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = top.node.edges[top.next++];
      if (edge === undefined) {
        finished.add(top.node.id);
        onPath.delete(top.node.id);
        path.pop();
        continue;
      }
      const from = onPath.get(edge.to);
      if (from !== undefined) {
        if (found++ >= MAX_CIRCLES) return;
        report(
          path.slice(from).map(({ node }) => node.id),
          edge,
          findings,
        );
        continue;
      }
      const node = byId.get(edge.to);
      if (node === undefined || finished.has(edge.to)) continue;
      onPath.set(node.id, path.length);
      path.push({ node, next: 0 });
    }
  }
}

function report(circle: readonly string[], edge: Node['edges'][number], findings: Findings): void {
  const all = [...circle, edge.to];
  const shown = all.length > 8 ? [...all.slice(0, 6), '...', ...all.slice(-1)] : all;
  const message = `the dependencies form a cycle: ${shown.join(' -> ')}`;
  findings.error('cycle', edge.pointer, message, 'Remove one of these dependencies.');
}
