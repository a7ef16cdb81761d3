/** What is there before any work: Node, and our program around it. */
import { inTurn, middle, ratio } from '../processes.js';
import { clock, row } from '../rows.js';

export const startUp = {
  name: 'start-up',
  run({ programs, options }) {
    const times = inTurn(options.starts, {
      nothing: programs.nothing,
      version: () => programs.polyagent('--version'),
      help: () => programs.polyagent('--help'),
    });
    return ['version', 'help'].map((flag) =>
      row(`\`--${flag}\``, {
        polyagent: clock(middle(times[flag])),
        beside: `\`node -e 0\` ${clock(middle(times.nothing))}`,
        value: ratio(times[flag], times.nothing),
        ...{ goal: 1.3, stretch: 1.15 },
      }),
    );
  },
};
