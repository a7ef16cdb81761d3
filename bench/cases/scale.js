/** Whether many agents take more each than few, and how much memory a build needs at most. */
import { inTurn, median, middle } from '../processes.js';
import { TWELVE } from '../programs.js';
import { FRAGMENTS, makeProject, outputsOf } from '../projects.js';
import { mib, ms, row } from '../rows.js';

export const scale = {
  name: 'scale',
  run({ programs, scratch, options }) {
    const { base, most } = options;
    const files = {};
    const build = (count) => () => {
      const project = makeProject(scratch.fresh('project'), count);
      const time = programs.build(project, TWELVE);
      files[count] = outputsOf(project).length;
      scratch.drop(project);
      return time;
    };
    const times = inTurn(Math.min(options.runs, 3), { few: build(base), many: build(most) });
    const each = (time, count) => (time.ms * 1000) / files[count];
    const shown = (time, count) => `${each(time, count).toFixed(0)} µs (${ms(time.ms)})`;
    return [
      row(`${most} × 12, first, per file`, {
        polyagent: shown(middle(times.many), most),
        beside: `${base} × 12: ${shown(middle(times.few), base)}`,
        value: median(times.many.map((time, round) => each(time, most) / each(times.few[round], base))),
        goal: 1.2,
      }),
    ];
  },
};

export const peakMemory = {
  name: 'peak memory',
  run({ programs, scratch, options }) {
    const { base, most, full } = options;
    const peak = (name, count, goal, targets, fragments) => {
      const project = makeProject(scratch.fresh('project'), count, { fragments });
      const { peak: value } = programs.facts(project, targets);
      scratch.drop(project);
      return row(`${name}, first, peak memory`, { polyagent: mib(value), value, unit: mib, goal });
    };
    return [
      peak(`${base} × 12`, base, 160, TWELVE),
      peak(`${base} × 12, three fragments each`, base, 160, TWELVE, FRAGMENTS),
      peak(`${base} × all targets`, base, 160),
      peak(`${most} × 12`, most, 400, TWELVE),
      ...(full ? [peak(`${most} × 12, three fragments each`, most, 400, TWELVE, FRAGMENTS), peak(`${most} × all targets`, most, 400)] : []),
    ];
  },
};
