// Colours for Rust: a tokenizer that knows comments, strings, numbers, names. Lines of `[class, text]`.

const KEYWORDS = new Set(
  "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type union unsafe use where while yield".split(" "),
);
const PRIMITIVES = new Set("bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64".split(" "));

const RULES = [
  ["comment", /\/\/[^\n]*/y],
  ["string", /[bc]?r(#*)"[\s\S]*?(?:"\1|$(?![\s\S]))/y],
  ["string", /[bc]?"(?:\\[\s\S]|[^"\\])*(?:"|$(?![\s\S]))/y],
  ["string", /b?'(?:\\(?:u\{[^}]*\}|x[0-9a-fA-F]{2}|[\s\S])|[^'\\\n])'/y],
  ["lifetime", /'[A-Za-z_]\w*/y],
  ["attribute", /#!?\[[^\]\n]*\]?/y],
  ["number", /\b(?:0x[\da-fA-F_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)(?:[iuf](?:8|16|32|64|128|size))?/y],
  ["macro", /[A-Za-z_]\w*!(?!=)/y],
  ["name", /(?:r#)?[\p{L}_][\p{L}\p{N}_]*/uy],
  ["space", /\s+/y],
  ["sign", /[^\s\w"'#/]+|[\s\S]/y],
];

/** A file's lines, coloured. */
export function rust(text) {
  const lines = [[]];
  const add = (kind, piece) => {
    piece.split("\n").forEach((part, at) => {
      if (at > 0) lines.push([]);
      if (part) lines[lines.length - 1].push([kind, part]);
    });
  };
  let at = 0;
  while (at < text.length) {
    if (text.startsWith("/*", at)) {
      const end = commentEnd(text, at);
      add("comment", text.slice(at, end));
      at = end;
      continue;
    }
    for (const [kind, pattern] of RULES) {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (!found || !found[0]) continue;
      add(kind === "name" ? nameKind(found[0], text, pattern.lastIndex) : kind, found[0]);
      at += found[0].length;
      break;
    }
  }
  return lines;
}

/** Comments of Rust nest. */
function commentEnd(text, at) {
  let depth = 0;
  for (; at < text.length; at++) {
    if (text.startsWith("/*", at)) depth++, at++;
    else if (text.startsWith("*/", at) && (at++, --depth === 0)) return at + 1;
  }
  return at;
}

function nameKind(name, text, end) {
  if (KEYWORDS.has(name)) return "keyword";
  if (PRIMITIVES.has(name)) return "type";
  if (/^[A-Z][A-Z\d_]+$/.test(name)) return "constant";
  if (/^[A-Z]/.test(name)) return "type";
  if (text[end] === "(" || text.startsWith("::<", end)) return "function";
  return "variable";
}

/** Any other text: strings, comments and tags of templates. */
export function plain(text, path) {
  const marks = path.endsWith(".html") ? /(\{#.*?#\}|<!--.*?-->)|(\{[{%].*?[%}]\})|(<\/?[\w-]+|\/?>)|("[^"]*")/g
    : path.endsWith(".toml") ? /(#.*$)|(^\s*\[.*\])|(^[\w.-]+(?=\s*=))|("[^"]*"|'[^']*')/gm
    : path.endsWith(".sql") ? /(--.*$)|()|\b(select|from|where|insert|into|values|update|set|delete|create|table|index|and|or|not|null|order|by|limit|join|on|as|primary|key|integer|text)\b|('[^']*')/gi
    : null;
  const kinds = [null, "comment", "macro", "keyword", "string"];
  return text.split("\n").map((line) => {
    if (!marks) return line ? [["plain", line]] : [];
    const pieces = [];
    let last = 0;
    for (const found of line.matchAll(marks)) {
      if (!found[0]) continue;
      if (found.index > last) pieces.push(["plain", line.slice(last, found.index)]);
      const kind = found.findIndex((group, at) => at > 0 && group);
      pieces.push([kinds[kind] ?? "plain", found[0]]);
      last = found.index + found[0].length;
    }
    if (last < line.length) pieces.push(["plain", line.slice(last)]);
    return pieces;
  });
}
