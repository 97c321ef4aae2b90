import { element } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
/** The drawing is stretched to its place, so these are only as fine as the steps in it. */
const WIDTH = 1000;
const HEIGHT = 300;
let charts = 0;

/**
 * A line that keeps its height until the next point: what was true stays true until something happens.
 *
 * @param {{points: {at: number, value: number}[], until: number, title: string, description: string, amount: (value: number) => string, day: (at: number) => string}} what
 *   points from the oldest to the newest; `until`: how long the newest one holds
 */
export function stepChart({ points, until, title, description, amount, day }) {
  const [from, to] = [points[0].at, until];
  const values = points.map(({ value }) => value);
  const [bottom, top] = scale(Math.min(...values), Math.max(...values));
  const x = (at) => round(((at - from) / (to - from || 1)) * WIDTH);
  const y = (value) => round(HEIGHT - ((value - bottom) / (top - bottom)) * HEIGHT);
  const steps = points.map(({ at, value }, index) => (index === 0 ? `M0 ${y(value)}` : `H${x(at)}V${y(value)}`));
  const line = `${steps.join("")}H${WIDTH}`;
  charts += 1;
  const [titleId, descriptionId] = [`chart-${charts}-title`, `chart-${charts}-description`];
  const marks = [top, (top + bottom) / 2, bottom];
  const drawing = svg(
    "svg",
    { class: "chart__drawing", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-labelledby": titleId, "aria-describedby": descriptionId },
    svg("title", { id: titleId }, title),
    svg("desc", { id: descriptionId }, description),
    ...marks.map((mark) => svg("line", { class: "chart__grid", x1: 0, x2: WIDTH, y1: y(mark), y2: y(mark) })),
    bottom < 0 && top > 0 ? svg("line", { class: "chart__zero", x1: 0, x2: WIDTH, y1: y(0), y2: y(0) }) : null,
    svg("path", { class: "chart__area", d: `${line}V${y(Math.max(bottom, Math.min(0, top)))}H0Z` }),
    svg("path", { class: "chart__line", d: line }),
  );
  const labels = (name, texts) => element("div", { class: `chart__${name}`, "aria-hidden": "true" }, ...texts.map((text) => element("span", { text })));
  const days = [from, (from + to) / 2, to];
  return element("div", { class: "chart" }, labels("amounts", marks.map(amount)), drawing, labels("days", days.map(day)));
}

/** Rounded outwards, with room for a line that stays flat. */
function scale(least, most) {
  const span = most - least || Math.abs(most) || 1;
  const step = 10 ** Math.floor(Math.log10(span));
  const bottom = least >= 0 && least < span ? 0 : Math.floor(least / step) * step;
  const top = Math.ceil(most / step) * step;
  return top > bottom ? [bottom, top] : [bottom, bottom + step];
}

function round(length) {
  return Math.round(length * 10) / 10;
}

function svg(tag, attributes, ...children) {
  const built = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) built.setAttribute(name, value);
  built.append(...children.filter((child) => child !== null));
  return built;
}
