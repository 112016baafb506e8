import { type Measure, printable, wrapped } from "./caption";

const FONT = "DejaVu Sans, Verdana, sans-serif";
const NAMESPACE = "http://www.w3.org/2000/svg";
const [MARGIN, MOST_LINES] = [20, 3];
const SHARPNESS = 2;

/** What a saved picture says above itself. */
export interface Caption {
  title: string;
  lines: string[];
}

/** The picture as a file of its own: with a caption, without what only leads somewhere in the page. */
export function standalone(drawn: SVGSVGElement, caption: Caption): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const { width, height } = drawn.viewBox.baseVal;
  for (const link of copy.querySelectorAll("a")) {
    const group = document.createElementNS(NAMESPACE, "g");
    group.append(...link.childNodes);
    link.replaceWith(group);
  }
  copy.removeAttribute("class");
  copy.removeAttribute("aria-hidden");
  const lines = captionLines(caption, width - 2 * MARGIN);
  const head = (lines.at(-1)?.y ?? 0) + 3;
  copy.setAttribute("viewBox", `0 ${-head} ${width} ${height + head}`);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height + head));
  copy.setAttribute("font-family", FONT);
  const above = document.createElementNS(NAMESPACE, "g");
  const paper = element("rect", { x: 0, y: -head, width, height: head, fill: "#ffffff" });
  above.append(paper, ...lines.map(({ content, y, size }) => text(content, y - head, size)));
  const title = document.createElementNS(NAMESPACE, "title");
  title.textContent = [caption.title, ...caption.lines].join(". ");
  copy.prepend(title, above);
  return printable(new XMLSerializer().serializeToString(copy));
}

/** The lines of a caption from the top down, each with its base line. */
function captionLines({ title, lines }: Caption, room: number) {
  const large = wrapped(title, measureOf(15), room, MOST_LINES);
  const small = lines.flatMap((line) => wrapped(line, measureOf(11), room, MOST_LINES));
  const end = 18 * large.length;
  return [
    ...large.map((content, n) => ({ content, y: 20 + 18 * n, size: 15 })),
    ...small.map((content, n) => ({ content, y: end + 18 + 13 * n, size: 11 })),
  ];
}

function measureOf(size: number): Measure {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return (words) => size * words.length;
  context.font = `${size}px ${FONT}`;
  return (words) => context.measureText(words).width;
}

function text(content: string, y: number, size: number): SVGElement {
  const made = element("text", { x: MARGIN, y, "font-size": size, fill: "#1b2126" });
  made.textContent = content;
  return made;
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** A picture in dots, twice as many as it has on the page. */
export async function rasterized(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SHARPNESS;
    canvas.height = image.naturalHeight * SHARPNESS;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, failed) =>
      canvas.toBlob((made) => (made ? done(made) : failed(new Error(TOO_LARGE))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

const TOO_LARGE = "The browser cannot make a PNG of this size; save it as SVG.";
