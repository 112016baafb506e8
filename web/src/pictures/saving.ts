const FONT = "DejaVu Sans, Verdana, sans-serif";
const NAMESPACE = "http://www.w3.org/2000/svg";
const HEAD = 52;
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
  copy.setAttribute("viewBox", `0 ${-HEAD} ${width} ${height + HEAD}`);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height + HEAD));
  copy.setAttribute("font-family", FONT);
  const head = document.createElementNS(NAMESPACE, "g");
  const paper = element("rect", { x: 0, y: -HEAD, width, height: HEAD, fill: "#ffffff" });
  head.append(paper, text(caption.title, 20 - HEAD, 15), ...caption.lines.map(lineAt));
  const title = document.createElementNS(NAMESPACE, "title");
  title.textContent = [caption.title, ...caption.lines].join(". ");
  copy.prepend(title, head);
  return new XMLSerializer().serializeToString(copy);
}

const lineAt = (line: string, n: number) => text(line, 36 + 13 * n - HEAD, 11);

function text(content: string, y: number, size: number): SVGElement {
  const made = element("text", { x: 20, y, "font-size": size, fill: "#1b2126" });
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
