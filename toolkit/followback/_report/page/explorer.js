// The ring explorer: accounts as nodes or as a matrix. Names are data: they are set
// as text or drawn, never as markup. Nothing is loaded from anywhere.
(() => {
  const BLUE = "#0072B2", ORANGE = "#E69F00", SIZE = 560;

  const make = (tag, settings, ...inside) => {
    const element = Object.assign(document.createElement(tag), settings);
    element.append(...inside);
    return element;
  };

  function start(root) {
    const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    const canvas = make("canvas", { width: SIZE, height: SIZE, tabIndex: 0 });
    canvas.style.cssText = "max-width:100%;touch-action:none;cursor:crosshair";
    canvas.setAttribute("role", "img");
    const pen = canvas.getContext("2d");
    const choose = make("select", {}, ...data.rings.map((r, k) =>
      make("option", { value: k, textContent: `ring ${r.number} (${r.names.length} accounts)` })));
    const view = make("select", {}, ...["nodes", "matrix"].map(name => make("option", { textContent: name })));
    const strength = make("input", { type: "range", min: 0, max: 0, value: 0 });
    const limit = make("output", {});
    const oneWay = make("input", { type: "checkbox", checked: true });
    const find = make("input", { type: "search", placeholder: "an account", autocomplete: "off" });
    const told = make("div", {});
    told.setAttribute("aria-live", "polite");
    told.style.cssText = "min-height:12em;flex:1 1 14em;overflow-wrap:anywhere;unicode-bidi:isolate";

    let ring, scale, left, top, at, pair, shown, picture, waiting = false;

    function select() {
      ring = data.rings[choose.value];
      let most = 0;
      for (let t = 2; t < ring.ties.length; t += 3) most = Math.max(most, ring.ties[t]);
      strength.max = most;
      strength.value = 0;
      at = -1;
      fit();
      filter();
      tell();
    }

    function fit() { scale = 1; left = 0; top = 0; }

    function filter() {
      const least = +strength.value, n = ring.names.length;
      limit.textContent = ` ${least}`;
      shown = [];
      const pixels = new ImageData(n, n), ink = new Uint32Array(pixels.data.buffer);
      for (let t = 0; t < ring.ties.length; t += 3) {
        const [i, j, s] = ring.ties.slice(t, t + 3);
        if (s < 0 ? !oneWay.checked || least > 0 : s < least) continue;
        shown.push(i, j, s);
        ink[i * n + j] = s < 0 ? 0xff009fe6 : 0xffb27200;
        if (s >= 0) ink[j * n + i] = 0xffb27200;
      }
      picture = make("canvas", { width: n, height: n });
      picture.getContext("2d").putImageData(pixels, 0, 0);
      const mutual = shown.filter((s, t) => t % 3 === 2 && s >= 0).length;
      canvas.setAttribute("aria-label",
        `Ring ${ring.number} as ${view.value}: ${n} accounts, ${mutual} mutual follows shown.`);
      redraw();
    }

    function redraw() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(); });
    }

    const px = i => left + scale * (20 + ring.x[i] * (SIZE - 40));
    const py = i => top + scale * (20 + ring.y[i] * (SIZE - 40));

    function draw() {
      const before = performance.now();
      pen.clearRect(0, 0, SIZE, SIZE);
      if (view.value === "matrix") drawMatrix(); else drawNodes();
      root.dataset.drawn = (performance.now() - before).toFixed(1);
    }

    function drawMatrix() {
      const n = ring.names.length, cell = scale * SIZE / n;
      pen.imageSmoothingEnabled = false;
      pen.drawImage(picture, left, top, SIZE * scale, SIZE * scale);
      if (at < 0) return;
      pen.fillStyle = "rgba(128,128,128,.35)";
      pen.fillRect(left, top + at * cell, SIZE * scale, cell);
      pen.fillRect(left + (pair ?? at) * cell, top, cell, SIZE * scale);
    }

    function lines(colour, wanted) {
      pen.strokeStyle = colour;
      pen.beginPath();
      for (let t = 0; t < shown.length; t += 3) {
        if (!wanted(shown[t], shown[t + 1], shown[t + 2])) continue;
        pen.moveTo(px(shown[t]), py(shown[t]));
        pen.lineTo(px(shown[t + 1]), py(shown[t + 1]));
      }
      pen.stroke();
    }

    function drawNodes() {
      pen.globalAlpha = Math.min(0.6, 0.12 + 300 / (shown.length + 1));
      pen.lineWidth = 0.7;
      lines(ORANGE, (i, j, s) => s < 0);
      lines(BLUE, (i, j, s) => s >= 0);
      pen.globalAlpha = 1;
      if (at >= 0) {
        pen.lineWidth = 1.6;
        lines(ORANGE, (i, j) => i === at || j === at);
      }
      ring.names.forEach((_, i) => {
        pen.beginPath();
        pen.arc(px(i), py(i), i === at ? 7 : 4, 0, 7);
        pen.fillStyle = i === at ? ORANGE : BLUE;
        pen.fill();
        pen.lineWidth = 1;
        pen.strokeStyle = "#fff";
        pen.stroke();
      });
    }

    function tell() {
      told.replaceChildren();
      if (at < 0) {
        told.append("Point at an account, or find one by name. Drag to move, wheel to zoom, "
          + "arrow keys to go from one to the next.");
        return;
      }
      told.append(make("strong", { textContent: ring.names[at] }));
      if (pair !== undefined && pair !== at) {
        const mutual = isShown((i, j, s) => s >= 0 && (i === at && j === pair || i === pair && j === at));
        const follows = mutual || isShown((i, j) => i === at && j === pair);
        told.append(mutual ? " and " : follows ? " follows " : " does not follow ",
          make("strong", { textContent: ring.names[pair] }), mutual ? " follow each other" : "");
      }
      const list = make("dl", {});
      list.style.cssText = "display:grid;grid-template-columns:auto auto;gap:0 1em;justify-content:start";
      data.columns.forEach((name, k) => {
        const value = make("dd", { textContent: ring.evidence[at][k] });
        value.style.margin = 0;
        list.append(make("dt", { textContent: name }), value);
      });
      told.append(list);
    }

    function isShown(wanted) {
      for (let t = 0; t < shown.length; t += 3)
        if (wanted(shown[t], shown[t + 1], shown[t + 2])) return true;
      return false;
    }

    function point(i, j) {
      if (i === at && j === pair) return;
      at = i;
      pair = j;
      tell();
      redraw();
    }

    function place(event) {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * SIZE / box.width, (event.clientY - box.top) * SIZE / box.height];
    }

    function hover(event) {
      const [x, y] = place(event), n = ring.names.length;
      if (view.value === "matrix") {
        const row = Math.floor((y - top) / scale / SIZE * n), column = Math.floor((x - left) / scale / SIZE * n);
        if (row >= 0 && row < n && column >= 0 && column < n) point(row, column);
        return;
      }
      let best = -1, near = 144;
      for (let i = 0; i < n; i++) {
        const d = (px(i) - x) ** 2 + (py(i) - y) ** 2;
        if (d < near) { near = d; best = i; }
      }
      if (best >= 0) point(best);
    }

    let held = null;
    canvas.addEventListener("pointerdown", event => {
      held = place(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointerup", () => { held = null; });
    canvas.addEventListener("pointermove", event => {
      if (!held) return hover(event);
      const [x, y] = place(event);
      left += x - held[0];
      top += y - held[1];
      held = [x, y];
      redraw();
    });
    canvas.addEventListener("wheel", event => {
      event.preventDefault();
      const [x, y] = place(event), next = Math.min(20, Math.max(0.5, scale * Math.exp(-event.deltaY / 400)));
      left = x - (x - left) * next / scale;
      top = y - (y - top) * next / scale;
      scale = next;
      redraw();
    }, { passive: false });
    canvas.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      point((at + step + ring.names.length) % ring.names.length);
    });
    // The whole name counts most, then any part of one.
    const indexIn = (names, text) => {
      const low = names.map(name => name.toLowerCase()), exact = low.indexOf(text);
      return exact >= 0 ? exact : low.findIndex(name => name.includes(text));
    };
    find.addEventListener("input", () => {
      const text = find.value.toLowerCase();
      pair = undefined;
      if (!text) return point(-1);
      let here = indexIn(ring.names, text);
      if (here < 0) {
        const other = data.rings.findIndex(r => indexIn(r.names, text) >= 0);
        if (other >= 0) {
          choose.value = other;
          select();
          here = indexIn(ring.names, text);
        }
      }
      if (here >= 0) return point(here);
      at = -1;
      redraw();
      told.textContent = "No account in these rings has a name like that.";
    });
    find.addEventListener("keydown", event => event.stopPropagation());
    choose.addEventListener("change", select);
    view.addEventListener("change", () => { fit(); at = -1; pair = undefined; filter(); tell(); });
    strength.addEventListener("input", filter);
    oneWay.addEventListener("change", filter);

    const label = (text, ...inside) => {
      const element = make("label", {}, text, " ", ...inside);
      element.style.cssText = "display:inline-block;margin:0 1.2em .4em 0";
      return element;
    };
    const body = make("div", {}, canvas, told);
    body.style.cssText = "display:flex;flex-wrap:wrap;gap:1em";
    const live = make("div", { className: "live" },
      make("div", {}, label("Show", choose), label("as", view),
        label("Ties with at least this many shared mutual partners", strength, limit),
        label("One-way follows", oneWay), label("Find", find)), body);
    const still = root.querySelector("figure");
    still.classList.add("still");
    still.style.display = "none";
    still.before(live);
    const print = on => { still.style.display = on ? "" : "none"; live.style.display = on ? "none" : ""; };
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
    select();
  }

  for (const root of document.querySelectorAll(".ring-explorer:not([data-ready])")) {
    root.dataset.ready = "";
    start(root);
  }
})();
