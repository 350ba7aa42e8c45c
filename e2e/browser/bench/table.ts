import type { Reporter, TestCase, TestError, TestResult } from '@playwright/test/reporter';

/** Prints each figure as a line of a Markdown table: what was measured, the figure, what it has to be. */
export default class Table implements Reporter {
  onBegin(): void {
    console.log('| measured | figure | wanted |\n|---|---|---|');
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const note of result.annotations.filter(({ type }) => type === 'figure')) console.log(note.description);
    if (result.status === 'passed' || result.status === 'skipped') return;
    console.log(`\n${test.title}: ${result.status}\n${result.errors.map(({ message }) => message ?? '').join('\n')}`);
  }

  onError(error: TestError): void {
    console.log(error.message ?? error.value);
  }
}
