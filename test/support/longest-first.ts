/**
 * The test files in the order in which they start. Vitest goes by its cache, or on a fresh clone by size. But the longest
 * files are small: they would start last, and at the end the other workers would have nothing to do.
 */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take a minute or more on two cores. The first mix: one keeps the CPU busy, the others mostly wait. */
const LONGEST = [
  'test/prove/prove.test.ts',
  'test/examples/demo.test.ts',
  'test/chaos/chaos.test.ts',
  'test/chaos/moved-host.test.ts',
  'test/chaos/lost-host.test.ts',
  'test/chaos/unknown.test.ts',
  'test/chaos/busy-host.test.ts',
  'test/cli/run.test.ts',
  'test/workflows/large.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    return rest.toSorted((left, right) => rank(left) - rank(right));
  }
}

/** The same for all files that are not listed: sorting keeps their order. */
function rank({ moduleId, project }: TestSpecification): number {
  const place = LONGEST.indexOf(relative(project.config.root, moduleId).replaceAll('\\', '/'));
  return place === -1 ? LONGEST.length : place;
}
