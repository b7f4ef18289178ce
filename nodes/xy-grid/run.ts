import { contactSheet } from "../../engine/image/contact-sheet.ts";
import { labelledTable } from "../../engine/image/labelled-table.ts";
import type { ImageBatch, RgbImage } from "../../engine/types.ts";
import type { ListAxis } from "../../graph/execution/lists.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { colourParam } from "../colours.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import { listedImages } from "../lists.ts";
import { checkSides } from "../pictures.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  takesLists: true,
  sizeOf: sizeOfImages("image"),

  async run({ info, signal }, inputs, params) {
    const { axes, cells } = listedImages(inputs, "image");
    const background = colourParam(params, "background");
    const gap = numberParam(params, "gap");
    const pictures = await Promise.all(cells.map((cell) => onePicture(cell, background)));
    const sheets: RgbImage[] = [];
    for (const page of pagesOf(axes, pictures, booleanParam(params, "transpose"))) {
      signal.throwIfAborted();
      const widest = Math.max(...page.rows.flat().map(({ width }) => width));
      const tallest = Math.max(...page.rows.flat().map(({ height }) => height));
      checkSides(page.columns.length * (widest + gap), page.rows.length * (tallest + gap), "image");
      sheets.push(await labelledTable(page, { gap, background, fontSize: numberParam(params, "fontSize") }));
    }
    info({ pictures: pictures.length, sheets: sheets.length });
    return { image: imageBatch(sheets) };
  },
};

/** Several pictures of one item stand close together in its cell. */
async function onePicture({ items }: ImageBatch, background: string): Promise<RgbImage> {
  const [first] = items;
  if (first !== undefined && items.length === 1) return first;
  const columns = Math.ceil(Math.sqrt(items.length));
  return contactSheet(items, { columns, gap: 0, background, labels: [], fontSize: 1 });
}

interface Page {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rowLabels: readonly string[];
  /** Pictures by row and column. */
  readonly rows: readonly (readonly RgbImage[])[];
}

/** Tables of the first two axes, for every place on the others. */
function pagesOf(axes: readonly ListAxis[], pictures: readonly RgbImage[], transpose: boolean): Page[] {
  const [first = noAxis, second = noAxis, ...others] = axes;
  const [across, down] = transpose ? [second, first] : [first, second];
  const pages = others.reduce((count, { labels }) => count * labels.length, 1);
  return Array.from({ length: pages }, (_, page) => ({
    title: pageTitle(others, page),
    columns: headings(across),
    rowLabels: headings(down),
    rows: down.labels.map((_row, y) =>
      across.labels.map((_column, x) => {
        const [i, j] = transpose ? [y, x] : [x, y];
        return pictures[(i * second.labels.length + j) * pages + page]!;
      }),
    ),
  }));
}

const noAxis: ListAxis = { id: "", title: "", labels: [""] };

const headings = ({ title, labels }: ListAxis) => labels.map((label) => `${title} ${label}`.trim());

function pageTitle(axes: readonly ListAxis[], page: number): string {
  let rest = page;
  const parts = axes.toReversed().map((axis) => {
    const label = headings(axis)[rest % axis.labels.length]!;
    rest = Math.floor(rest / axis.labels.length);
    return label;
  });
  return parts.toReversed().join(", ");
}
