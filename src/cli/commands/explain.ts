import { printJson, toJson } from '../../diagnostics/format/json.js';
import { formatPretty } from '../../diagnostics/format/pretty.js';
import type { Layout } from '../../explain/format/layout.js';
import { formatMessages } from '../../explain/format/messages.js';
import { formatOverview } from '../../explain/format/overview.js';
import { formatExplanation } from '../../explain/format/pretty.js';
import { type Explained, explainProject } from '../../project/explain.js';
import { namesIn, type Run, wantsColor } from '../command.js';

/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 100;

export const run: Run = async ({ operands, values }, terminal) => {
  const [to, variants] = [namesIn(values, 'target'), namesIn(values, 'variant')];
  const explained = await explainProject({
    cwd: terminal.cwd,
    words: operands,
    ...(to && { to }),
    ...(variants && { variants }),
    ...(typeof values.config === 'string' && { config: values.config }),
    ...(values['no-cache'] === true && { cache: false }),
  });
  const { agents, diagnostics, failed } = explained;
  const code = failed.length > 0 || diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
  if (values.json) {
    const data = { version: 1, ok: code === 0, agents: agents.map(explained.explain), diagnostics: diagnostics.map(toJson), failed };
    terminal.stdout.write(`${printJson(data)}\n`);
    return code;
  }
  if (code !== 0) {
    const options = { color: wantsColor(terminal.stderr, terminal.env), width: terminal.stderr.columns ?? 120, verbose: false };
    terminal.stderr.write(`${formatPretty(diagnostics, options)}\n`);
  }
  const layout = {
    color: wantsColor(terminal.stdout, terminal.env),
    width: Math.min(terminal.stdout.columns ?? WIDEST, WIDEST),
  };
  terminal.stdout.write(print(explained, layout));
  if (code === 0 && !explained.many) terminal.stdout.write(formatMessages(diagnostics, layout));
  return code;
};

function print(explained: Explained, layout: Layout): string {
  const { agents, targets, many, explain, outcomesOf, variantsBeside } = explained;
  if (!many) {
    const told = agents.map((agent) => ({ explanation: explain(agent), others: variantsBeside(agent) }));
    return told
      .filter(({ explanation }) => explanation.targets.some(({ file }) => file !== undefined))
      .map(({ explanation, others }) => formatExplanation(explanation, others, layout))
      .join('\n');
  }
  const lines = agents.flatMap((agent) => {
    const name = agent.variant === undefined ? agent.id : `${agent.id} (${agent.variant})`;
    return outcomesOf(agent).map((outcome) => ({ agent: name, outcome }));
  });
  return targets
    .map((target) =>
      formatOverview(
        target,
        lines.filter(({ outcome }) => outcome.target === target),
        layout,
      ),
    )
    .join('\n');
}
