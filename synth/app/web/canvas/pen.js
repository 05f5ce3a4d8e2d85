// Draws with pointer, touch and keyboard. `sheet` has its canvas, painter, tool and brush radius; `ink()` is the colour,
// `drawing(on)` is called around a stroke, `changed()` after every piece of one, `hover(place)` where the pointer is.
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listen(sheet, ring, { ink, changed, drawing, hover = null }) {
  const { canvas, painter, graph } = sheet, size = graph.size;
  let stroke = null, cursor = { x: size / 2, y: size / 2 };

  const inside = (value) => Math.min(size - 0.01, Math.max(0, value));

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return { x: inside(((event.clientX - box.left) / box.width) * size), y: inside(((event.clientY - box.top) / box.height) * size) };
  }

  function show(place) {
    ring.style.width = ring.style.height = (sheet.radius * 2 * canvas.clientWidth) / size + "px";
    ring.style.left = (place.x / size) * 100 + "%";
    ring.style.top = (place.y / size) * 100 + "%";
  }

  function begin(place) {
    painter.remember();
    if (sheet.tool === "fill") painter.fill(place, ink());
    else if (sheet.tool === "rectangle") painter.rectangle(place, { x: place.x + 1, y: place.y + 1 }, ink());
    else painter.line(place, place, sheet.radius, ink());
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || stroke) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    stroke = { from: at(event), last: at(event), id: event.pointerId };
    drawing(true);
    begin(stroke.from);
    changed();
  });

  canvas.addEventListener("pointermove", (event) => {
    show((cursor = at(event)));
    if (hover) hover(cursor);
    if (!stroke || event.pointerId !== stroke.id || sheet.tool === "fill") return;
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const part of events.length ? events : [event]) {
      const place = at(part);
      if (sheet.tool === "rectangle") { painter.restore(); painter.rectangle(stroke.from, place, ink()); }
      else painter.line(stroke.last, place, sheet.radius, ink());
      stroke.last = place;
    }
    changed();
  });

  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (!stroke || event.pointerId !== stroke.id) return;
      stroke = null;
      drawing(false);
      changed();
    });
  }

  canvas.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 1 : Math.max(2, sheet.radius), way = WAYS[event.key];
    if (way) {
      cursor = { x: inside(cursor.x + way[0] * step), y: inside(cursor.y + way[1] * step) };
    } else if (event.key === " " || event.key === "Enter") {
      begin(cursor);
      changed();
    } else return;
    event.preventDefault();
    show(cursor);
  });
}
