// A comparison as a picture: an SVG that is laid out with the browser's own measures, and the same as a PNG.
() => {
  const [WIDTH, MARGIN, SIZE, LINE] = [1200, 56, 22, 34];
  const FONT = "system-ui, sans-serif";
  const INK = { text: "#1a1a21", dim: "#57565e", plain: "#737279", steered: "#5b4bd8", told: "#2f7a4d", less: "#c2410c" };
  const pen = document.createElement("canvas").getContext("2d");

  const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const measure = (text, size, weight = 400) => {
    pen.font = `${weight} ${size}px ${FONT}`;
    return pen.measureText(text).width;
  };
  const write = (text, x, y, size, colour, weight = 400, more = "") =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" font-weight="${weight}" fill="${colour}" xml:space="preserve"${more}>${escape(text)}</text>`;
  const backwards = (text) => /^[^A-Za-z\u00C0-\u024F]*[\u0590-\u08FF\uFB1D-\uFEFC]/.test(text);

  // The pieces as lines of words. A word may have several tinted parts, and a very long one is broken.
  const lines = (pieces, width) => {
    const found = [[]];
    let used = 0;
    const words = [[]];
    for (const [text, tint] of pieces)
      for (const part of text.split(/(\n)|(?<=\s)(?=\S)/u).filter(Boolean)) {
        if (part === "\n") words.push("\n", []);
        else {
          words.at(-1).push([part, tint]);
          if (/\s$/.test(part)) words.push([]);
        }
      }
    for (const word of words) {
      if (word === "\n") (found.push([]), (used = 0));
      else {
        const size = word.reduce((sum, [text]) => sum + measure(text, SIZE), 0);
        if (used && used + size > width) (found.push([]), (used = 0));
        found.at(-1).push(...word.flatMap(([text, tint]) => (size > width ? [...text].map((one) => [one, tint]) : [[text, tint]])));
        used += size;
      }
    }
    return found.flatMap((line) => {
      const rows = [[]];
      let at = 0;
      for (const part of line) {
        const size = measure(part[0], SIZE);
        if (at + size > width + SIZE) (rows.push([]), (at = 0));
        rows.at(-1).push(part);
        at += size;
      }
      return rows;
    });
  };

  const draw = ({ question, panels, foot, legend }) => {
    const width = (WIDTH - MARGIN * 2 - 28 * (panels.length - 1)) / panels.length;
    const asked = lines([[question, 0]], WIDTH - 2 * MARGIN);
    const top = MARGIN + asked.length * 38 + 20;
    const laid = panels.map((panel) => lines(panel.pieces, width - 48));
    const high = Math.max(...laid.map((panel) => panel.length)) * LINE + 96;
    const height = top + high + 76;
    const parts = [`<rect width="${WIDTH}" height="${height}" fill="#f8f8f6"/>`];
    asked.forEach((line, row) => {
      const text = line.map(([part]) => part).join("");
      const right = backwards(question);
      parts.push(write(text, right ? WIDTH - MARGIN : MARGIN, MARGIN + 20 + row * 38, 28, INK.text, 700, right ? ' direction="rtl"' : ""));
    });
    panels.forEach((panel, column) => {
      const left = MARGIN + column * (width + 28);
      const colour = INK[panel.role] ?? INK.plain;
      parts.push(`<rect x="${left}" y="${top}" width="${width}" height="${high}" rx="16" fill="#ffffff" stroke="#e3e2de"/>`);
      parts.push(`<rect x="${left + 16}" y="${top}" width="${width - 32}" height="4" fill="${colour}"/>`);
      parts.push(write(panel.heading, left + 24, top + 44, 19, colour, 700));
      laid[column].forEach((line, row) => {
        const right = backwards(line.map(([part]) => part).join(""));
        let x = left + 24;
        const y = top + 86 + row * LINE;
        for (const [text, tint] of line) {
          const size = measure(text, SIZE);
          const word = text.trim();
          const at = right ? 2 * left + width - x - size : x;
          if (word && Math.abs(tint) > 0.08) {
            const from = at + measure(text.slice(0, text.length - text.trimStart().length), SIZE);
            const ink = tint > 0 ? INK.steered : INK.less;
            const dense = (Math.abs(tint) * 0.45).toFixed(2);
            parts.push(`<rect x="${from.toFixed(1)}" y="${y - 22}" width="${measure(word, SIZE).toFixed(1)}" height="29" rx="3" fill="${ink}" fill-opacity="${dense}"/>`);
          }
          if (word) parts.push(write(text, at, y, SIZE, INK.text, 400, ` textLength="${size.toFixed(1)}"`));
          x += size;
        }
      });
    });
    const y = height - 30;
    parts.push(write(foot, MARGIN, y, 17, INK.dim));
    if (legend) {
      let x = WIDTH - MARGIN - measure(legend.more, 17);
      parts.push(write(legend.more, x, y, 17, INK.dim));
      [[INK.steered, 0.45], [INK.steered, 0.18], [INK.less, 0.18], [INK.less, 0.45]].forEach(([ink, dense]) => {
        x -= 32;
        parts.push(`<rect x="${x - 6}" y="${y - 14}" width="28" height="16" rx="3" fill="${ink}" fill-opacity="${dense}"/>`);
      });
      parts.push(write(legend.less, x - 16 - measure(legend.less, 17), y, 17, INK.dim));
    }
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="${FONT}">${parts.join("")}</svg>`;
  };

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  window.lineasCard = async ({ name, card }) => {
    const picture = new Blob([draw(card)], { type: "image/svg+xml" });
    if (name.endsWith(".svg")) return save(picture, name);
    const image = new Image();
    image.src = URL.createObjectURL(picture);
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => save(blob, name), "image/png");
  };
};
