"use strict";
// Carafe's live reload. It is part of development builds only.
(() => {
  const script = document.currentScript;
  const KEY = "carafe.live";
  let version = script.dataset.version;
  let source = null;
  let timer = 0;
  let overlay = null;
  let leaving = false;

  // Reloads once for each version that there is. A page that is still another one after that comes
  // out of some cache, and would reload for ever.
  function reload(to) {
    let last = {};
    try {
      last = JSON.parse(sessionStorage.getItem(KEY)) || {};
    } catch {}
    const count = last.to === to ? last.count : 0;
    if (count >= 2) {
      version = to;
      console.warn("carafe: this page came back unchanged; it is not reloaded again");
      return;
    }
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ to, count: count + 1 }));
    } catch {
      if (to === version) return;
    }
    location.reload();
  }

  function connect() {
    clearTimeout(timer);
    if (source || leaving || document.visibilityState === "hidden") return;
    source = new EventSource("/__carafe__/live");
    source.addEventListener("hello", (event) => {
      const now = JSON.parse(event.data).version;
      hide();
      if (now !== version) reload(now);
    });
    source.addEventListener("reload", (event) => {
      const to = JSON.parse(event.data || "{}").version;
      if (to) return reload(to);
      // From the tool, in place of an app that was down: the app itself says which version it is.
      disconnect();
      timer = setTimeout(connect, 50);
    });
    source.addEventListener("css", (event) => {
      const data = JSON.parse(event.data);
      version = data.version || version;
      swap(data.path);
    });
    source.addEventListener("build", (event) => build(JSON.parse(event.data)));
    source.onerror = () => {
      // A browser comes back by itself after a cut connection, but not after an error.
      if (source && source.readyState === EventSource.CLOSED) {
        disconnect();
        timer = setTimeout(connect, 500);
      }
    };
  }

  function disconnect() {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  }

  // A page that nobody sees holds no connection: browsers have six for a host.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") disconnect();
    else connect();
  });
  addEventListener("pagehide", () => {
    leaving = true;
    disconnect();
  });
  addEventListener("pageshow", () => {
    leaving = false;
    connect();
  });

  // Puts a new style sheet beside the old one, which goes once the new one is there.
  function swap(path) {
    let found = false;
    for (const old of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const url = new URL(old.href, location.href);
      if (url.origin !== location.origin || url.pathname !== path) continue;
      found = true;
      if (old.dataset.carafeOld) continue;
      url.searchParams.set("carafe", Date.now().toString(36));
      const next = old.cloneNode();
      next.href = url.href;
      old.dataset.carafeOld = "1";
      const done = () => old.remove();
      next.addEventListener("load", done);
      next.addEventListener("error", done);
      old.after(next);
    }
    // One that another sheet imports, or that the page does not have.
    if (!found && importsSheets()) location.reload();
  }

  function importsSheets() {
    return [...document.styleSheets].some((sheet) => {
      try {
        return [...sheet.cssRules].some((rule) => rule instanceof CSSImportRule);
      } catch {
        return false;
      }
    });
  }

  function build(state) {
    if (state.state === "failed") show(state.diagnostics || []);
    else if (state.state === "building") note();
    else hide();
  }

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    .back { position: fixed; inset: 0; z-index: 2147483647; overflow: auto; padding: 5vh 16px;
      background: rgb(15 18 24 / .72); font: 15px/1.5 system-ui, sans-serif; color: #e8eaf0;
      -webkit-backdrop-filter: blur(3px); backdrop-filter: blur(3px); }
    .box { max-width: 62rem; margin: 0 auto; background: #171a21; border: 1px solid #2b303b;
      border-top: 4px solid #ef6a6a; border-radius: 10px; box-shadow: 0 20px 60px rgb(0 0 0 / .5); }
    header { display: flex; align-items: baseline; gap: 12px; padding: 16px 22px; }
    h1 { margin: 0; font-size: 18px; font-weight: 650; flex: 1; }
    button { all: unset; cursor: pointer; padding: 2px 10px; border-radius: 6px; color: #aab1c0;
      border: 1px solid #343a47; font-size: 13px; }
    button:hover { color: #fff; } button:focus-visible, a:focus-visible { outline: 2px solid #7fb2ff; }
    section { border-top: 1px solid #2b303b; padding: 14px 22px 18px; }
    h2 { margin: 0 0 4px; font-size: 15px; font-weight: 600; overflow-wrap: anywhere; }
    .error { color: #ff8f8f; } .warning { color: #f2c66d; } .note { color: #8fc7ff; }
    a { color: #8fc7ff; font: 13px ui-monospace, monospace; }
    .place { font: 13px ui-monospace, monospace; color: #aab1c0; }
    pre { margin: 10px 0 0; padding: 12px 14px; overflow: auto; background: #0f1117; border-radius: 8px;
      font: 13px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; color: #d7dbe5; tab-size: 4; }
    footer { border-top: 1px solid #2b303b; padding: 12px 22px; color: #aab1c0; font-size: 13px; }
    .pill { position: fixed; right: 14px; bottom: 14px; z-index: 2147483647; padding: 6px 12px;
      font: 13px system-ui, sans-serif; color: #e8eaf0; background: #171a21ee; border: 1px solid #343a47;
      border-radius: 99px; }`;

  function element(name, kind, text) {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // In a shadow tree, and by no markup in text, so that neither the page's styles nor its policies matter.
  function layer() {
    hide();
    overlay = element("carafe-live");
    const root = overlay.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    document.documentElement.append(overlay);
    return root;
  }

  function hide() {
    if (overlay) overlay.remove();
    overlay = null;
  }

  function note() {
    if (overlay && overlay.shadowRoot.querySelector(".back")) {
      overlay.shadowRoot.querySelector("footer").textContent = "Building again …";
      return;
    }
    const pill = element("div", "pill", "Building …");
    pill.setAttribute("role", "status");
    layer().append(pill);
  }

  const plain = (text) => String(text || "").replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");

  function show(diagnostics) {
    const back = element("div", "back");
    const box = element("div", "box");
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "The build failed");
    const head = element("header");
    const close = element("button", "", "Close (Esc)");
    close.tabIndex = 0;
    close.setAttribute("role", "button");
    close.addEventListener("click", hide);
    const errors = diagnostics.filter((each) => each.level === "error").length;
    const title = errors > 1 ? `The build failed: ${errors} errors` : "The build failed";
    head.append(element("h1", "", title), close);
    box.append(head);
    for (const each of diagnostics) box.append(diagnostic(each));
    box.append(element("footer", "", "The last build that worked still serves. This closes when the next one does."));
    back.append(box);
    back.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
      if ((event.key === "Enter" || event.key === " ") && event.target === close) hide();
    });
    layer().append(back);
    close.focus({ preventScroll: true });
  }

  function diagnostic(each) {
    const part = element("section");
    const level = ["error", "warning", "note"].includes(each.level) ? each.level : "note";
    const title = element("h2");
    title.append(element("span", level, each.level || "note"), `: ${plain(each.message)}`);
    part.append(title);
    if (each.file) {
      const words = `${each.file}:${each.line || 1}:${each.column || 1}`;
      const place = element(each.link ? "a" : "span", each.link ? "" : "place", words);
      if (each.link) place.href = each.link;
      part.append(place);
    }
    if (each.rendered) part.append(element("pre", "", plain(each.rendered).trimEnd()));
    return part;
  }

  connect();
})();
