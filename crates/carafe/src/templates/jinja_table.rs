//! What Jinja 3.1.6 with Flask 3.1 prints, case by case; the second texts are its own output.

use serde_json::{Value as Json, json};

use super::context::Context;
use super::engine::Engine;

fn context() -> Context {
    let Json::Object(values) = json!({
        "user": {"name": "Ann", "age": 31, "address": {"zip": "12"}},
        "users": [
            {"name": "Ann", "age": 31, "city": "NY", "admin": true, "address": {"zip": "12"}, "email": null},
            {"name": "bob", "age": 25, "city": "LA", "admin": false, "address": {"zip": "34"}, "email": null},
            {"name": "Cid", "age": 40, "city": "NY", "admin": false, "address": {"zip": "56"}, "email": "c@x"},
        ],
        "words": [{"k": "a"}, {"k": "A"}, {"k": "b"}],
        "items": ["a", "b", "c"],
        "mapping": {"one": 1, "three": 3, "two": 2},
        "long": "lorem ipsum dolor ".repeat(40),
    }) else {
        unreachable!()
    };
    values.into_iter().fold(Context::new(), |context, (name, value)| context.with(name, value))
}

#[test]
fn prints_what_jinja_prints() {
    let engine = Engine::default();
    let context = context();
    let mut different = String::new();
    for (source, wanted) in CASES {
        let printed = engine.render_string(None, source, context.clone());
        let printed = printed.unwrap_or_else(|error| format!("error: {error}"));
        if printed != *wanted {
            different.push_str(&format!("{source}\n  wanted {wanted:?}\n  got    {printed:?}\n"));
        }
    }
    assert!(different.is_empty(), "\n{different}");
}

#[test]
fn fails_where_jinja_fails() {
    let engine = Engine::default();
    for source in FAILURES {
        let printed = engine.render_string(None, source, context());
        assert!(printed.is_err(), "{source}: {printed:?}");
    }
}

#[rustfmt::skip]
const CASES: &[(&str, &str)] = &[
    ("{{ -3|abs }} {{ 2.5|abs }}", "3 2.5"),
    ("[{{ user|attr(\"nope\") }}]", "[]"),
    ("{% for row in [1,2,3,4,5,6,7]|batch(3) %}{{ row|join(\",\") }};{% endfor %}", "1,2,3;4,5,6;7;"),
    ("{% for row in [1,2,3,4,5,6,7]|batch(3, \"x\") %}{{ row|join(\",\") }};{% endfor %}", "1,2,3;4,5,6;7,x,x;"),
    ("{{ \"foo BAR baz\"|capitalize }}|{{ \"éCLAIR\"|capitalize }}|{{ \"\"|capitalize }}", "Foo bar baz|Éclair|"),
    ("[{{ \"x\"|center(9) }}] [{{ \"ab\"|center(5) }}] [{{ \"abc\"|center(2) }}] [{{ \"x\"|center|length }}]", "[    x    ] [  ab ] [abc] [80]"),
    ("{{ \"<b>\"|center(7) }}|{{ (\"<b>\"|safe)|center(7) }}", "  &lt;b&gt;  |  <b>  "),
    ("{{ items|count }} {{ \"abc\"|length }} {{ mapping|length }} {{ \"é\"|count }}", "3 3 3 1"),
    ("{{ nope|default(\"d\") }} {{ \"\"|default(\"d\") }} {{ \"\"|default(\"d\", true) }} {{ nope|d }}|{{ none|d(\"x\") }}", "d  d |None"),
    ("{{ nope|default(default_value=\"q\") }} {{ false|default(\"f\", boolean=true) }}", "q f"),
    ("{% for k, v in {\"b\": 1, \"a\": 2}.items() %}{{ k }}={{ v }} {% endfor %}{{ {\"b\": 1, \"a\": 2}|pprint }}", "b=1 a=2 {&#39;a&#39;: 2, &#39;b&#39;: 1}"),
    ("{{ mapping|dictsort }}", "[(&#39;one&#39;, 1), (&#39;three&#39;, 3), (&#39;two&#39;, 2)]"),
    ("{{ mapping|dictsort(true) }}", "[(&#39;one&#39;, 1), (&#39;three&#39;, 3), (&#39;two&#39;, 2)]"),
    ("{{ mapping|dictsort(false, \"value\") }}", "[(&#39;one&#39;, 1), (&#39;two&#39;, 2), (&#39;three&#39;, 3)]"),
    ("{{ mapping|dictsort(reverse=true) }}", "[(&#39;two&#39;, 2), (&#39;three&#39;, 3), (&#39;one&#39;, 1)]"),
    ("{% for k, v in {\"b\": 1, \"A\": 2, \"c\": 0}|dictsort %}{{ k }}={{ v }} {% endfor %}", "A=2 b=1 c=0 "),
    ("{% for k, v in {\"b\": 1, \"A\": 2, \"c\": 0}|dictsort(case_sensitive=true) %}{{ k }}={{ v }} {% endfor %}", "A=2 b=1 c=0 "),
    ("{% for k, v in {\"b\": 1, \"A\": 2, \"c\": 0}|dictsort(by=\"value\", reverse=true) %}{{ k }}={{ v }} {% endfor %}", "A=2 b=1 c=0 "),
    ("{{ \"<a href='x'>\\\"&/\"|e }} {{ \"<b>\"|escape }} {{ (\"<b>\"|safe)|e }} {{ 5|e }} {{ none|e }}", "&lt;a href=&#39;x&#39;&gt;&#34;&amp;/ &lt;b&gt; <b> 5 None"),
    ("{{ \"<a href='x'>\\\"&/\" }}", "&lt;a href=&#39;x&#39;&gt;&#34;&amp;/"),
    ("{{ (\"<b>\"|safe)|forceescape }} {{ \"<b>\"|forceescape }} {{ 3|forceescape }}", "&lt;b&gt; &lt;b&gt; 3"),
    ("{{ 0|filesizeformat }} {{ 1|filesizeformat }} {{ 100|filesizeformat }} {{ 1000|filesizeformat }} {{ 1024|filesizeformat }} {{ 1000000|filesizeformat }} {{ 1500000|filesizeformat }} {{ 1000000000000|filesizeformat }}", "0 Bytes 1 Byte 100 Bytes 1.0 kB 1.0 kB 1.0 MB 1.5 MB 1.0 TB"),
    ("{{ 300|filesizeformat(true) }} {{ 3000|filesizeformat(true) }} {{ 3000000|filesizeformat(true) }} {{ 1024|filesizeformat(binary=true) }} {{ \"13000\"|filesizeformat }} {{ 999.9|filesizeformat }}", "300 Bytes 2.9 KiB 2.9 MiB 1.0 KiB 13.0 kB 999 Bytes"),
    ("{{ items|first }} {{ \"abc\"|first }} [{{ []|first }}] {{ mapping|first }}", "a a [] one"),
    ("{{ items|last }} {{ \"abc\"|last }} [{{ []|last }}]", "c c []"),
    ("{{ \"3.5\"|float }} {{ \"x\"|float }} {{ \"x\"|float(1.5) }} {{ 3|float }} {{ \"1e3\"|float }} {{ none|float }} {{ \"x\"|float(default=2) }}", "3.5 0.0 1.5 3.0 1000.0 0.0 2"),
    ("{{ \"%s, %s!\"|format(\"Hello\", \"World\") }} {{ \"%d %05.2f %x %%\"|format(3, 2.5, 255) }} {{ \"%(a)s-%(b)s\"|format(a=1, b=\"z\") }}", "Hello, World! 3 02.50 ff % 1-z"),
    ("{{ \"%s\"|format(\"<b>\") }} {{ (\"<i>%s</i>\"|safe)|format(\"<b>\") }} {{ \"%r %5s|%-5s|%+d\"|format(\"a\", \"b\", \"c\", 5) }}", "&lt;b&gt; <i>&lt;b&gt;</i> &#39;a&#39;     b|c    |+5"),
    ("{% for g in users|groupby(\"city\") %}{{ g.grouper }}: {% for u in g.list %}{{ u.name }} {% endfor %};{% endfor %}", "LA: bob ;NY: Ann Cid ;"),
    ("{% for city, list in users|groupby(\"city\") %}{{ city }}: {{ list|map(attribute=\"name\")|join(\", \") }};{% endfor %}", "LA: bob;NY: Ann, Cid;"),
    ("{% for city, list in users|groupby(\"nope\", default=\"NY\") %}{{ city }}: {{ list|map(attribute=\"name\")|join(\", \") }};{% endfor %}", "NY: Ann, bob, Cid;"),
    ("{% for c, l in words|groupby(\"k\", case_sensitive=true) %}{{ c }}:{{ l|length }};{% endfor %}{% for c, l in words|groupby(\"k\") %}{{ c }}:{{ l|length }};{% endfor %}", "A:1;a:1;b:1;a:2;b:1;"),
    ("{{ \"a\\nb\\n\\nc\"|indent }}|{{ \"a\\nb\\n\\nc\"|indent(2, true) }}|{{ \"a\\nb\\n\\nc\"|indent(2, true, true) }}|{{ \"a\\nb\"|indent(\">>\") }}|{{ \"a\\nb\\n\"|indent(width=1, first=true, blank=true) }}", "a\n    b\n\n    c|  a\n  b\n\n  c|  a\n  b\n  \n  c|a\n&gt;&gt;b| a\n b\n "),
    ("{{ \"42\"|int }} {{ \"x\"|int }} {{ \"x\"|int(7) }} {{ 3.9|int }} {{ \"0x1f\"|int(0, 16) }} {{ \"1010\"|int(base=2) }} {{ \"3.7\"|int }} {{ none|int }} {{ \"-12\"|int }} {{ \"z\"|int(default=-1) }} {{ true|int }}", "42 0 7 3 31 10 3 0 -12 -1 1"),
    ("{% for k, v in mapping|items %}{{ k }}={{ v }};{% endfor %}[{{ nope|items|list }}]", "one=1;three=3;two=2;[[]]"),
    ("{{ [1,2,3]|join }} {{ [1,2,3]|join(\"|\") }} {{ users|join(\", \", attribute=\"name\") }} {{ [\"<a>\", \"b\"]|join(\"<br>\") }} {{ [\"<a>\"|safe, \"<b>\"]|join(\"<br>\") }} {{ [\"a\"]|join(d=\"x\") }}", "123 1|2|3 Ann, bob, Cid &lt;a&gt;&lt;br&gt;b <a>&lt;br&gt;&lt;b&gt; a"),
    ("{{ \"abc\"|list }} {{ mapping|list }} {{ range(3)|list }}", "[&#39;a&#39;, &#39;b&#39;, &#39;c&#39;] [&#39;one&#39;, &#39;three&#39;, &#39;two&#39;] [0, 1, 2]"),
    ("{{ \"FoO\"|lower }} {{ \"foo\"|upper }} {{ \"É\"|lower }} {{ 5|upper }} {{ (\"<b>\"|safe)|upper }}", "foo FOO é 5 <B>"),
    ("{{ users|map(attribute=\"name\")|join(\",\") }} {{ [\"a\",\"b\"]|map(\"upper\")|list }} {{ users|map(attribute=\"zip\", default=\"-\")|join(\",\") }} {{ [1.4,1.6]|map(\"round\")|list }}", "Ann,bob,Cid [&#39;A&#39;, &#39;B&#39;] -,-,- [1.0, 2.0]"),
    ("{{ users|map(attribute=\"address.zip\")|list }} {{ [[1,2],[3,4]]|map(attribute=0)|list }} {{ [[1,2],[3,4]]|map(\"first\")|list }}", "[&#39;12&#39;, &#39;34&#39;, &#39;56&#39;] [1, 3] [1, 3]"),
    ("{{ [3,1,2]|max }} {{ [3,1,2]|min }} {{ [\"b\",\"A\",\"c\"]|max }} {{ [\"b\",\"A\",\"c\"]|min }} {{ [\"b\",\"A\",\"c\"]|min(case_sensitive=true) }} {{ (users|max(attribute=\"age\")).name }} [{{ []|max }}] {{ [\"a\",\"B\"]|max(true) }}", "3 1 c A A Cid [] a"),
    ("{{ {\"a\": [1, \"x\", none, true, 1.5], \"b\": {}}|pprint }} {{ \"x\"|pprint }} {{ 5|pprint }}", "{&#39;a&#39;: [1, &#39;x&#39;, None, True, 1.5], &#39;b&#39;: {}} &#39;x&#39; 5"),
    ("{{ [7]|random }} [{{ []|random }}] {{ \"a\"|random }}", "7 [] a"),
    ("{{ [1,2,3,4]|reject(\"odd\")|list }} {{ [0,1,none,2]|reject|list }} {{ [1,2,3]|reject(\"equalto\", 2)|list }} {{ [\"a\",\"b\"]|reject(\"in\", [\"a\"])|list }}", "[2, 4] [0, None] [1, 3] [&#39;b&#39;]"),
    ("{{ users|rejectattr(\"admin\")|map(attribute=\"name\")|list }} {{ users|rejectattr(\"age\", \"gt\", 30)|map(attribute=\"name\")|list }} {{ users|rejectattr(\"nope\")|list|length }}", "[&#39;bob&#39;, &#39;Cid&#39;] [&#39;bob&#39;] 3"),
    ("{{ \"Hello World\"|replace(\"Hello\", \"Goodbye\") }} {{ \"aaaa\"|replace(\"a\", \"b\", 2) }} {{ \"a<b\"|replace(\"<\", \">\") }} {{ (\"a<b\"|safe)|replace(\"<\", \"&\") }} {{ \"aaa\"|replace(\"a\", \"x\", count=1) }} {{ 123|replace(2, 5) }}", "Goodbye World bbaa a&gt;b a&amp;b xaa 153"),
    ("{{ \"abc\"|reverse }} {{ [1,2,3]|reverse|list }} {{ \"héllo\"|reverse }}", "cba [3, 2, 1] olléh"),
    ("{{ 42.55|round }} {{ 42.55|round(1, \"floor\") }} {{ 42.51|round(1, \"ceil\") }} {{ 42.5|round|int }} {{ 42|round }} {{ 1234.5678|round(2) }} {{ 1234.5|round(-2) }} {{ 2.5|round }} {{ 3.5|round }} {{ 0.125|round(2) }} {{ 42.3|round(method=\"ceil\") }} {{ 42|round(1) }} {{ 2.675|round(2) }}", "43.0 42.5 42.6 42 42 1234.57 1200.0 2.0 4.0 0.12 43.0 42 2.67"),
    ("{{ \"<b>\"|safe }} {{ 5|safe }}", "<b> 5"),
    ("{{ [1,2,3,4]|select(\"odd\")|list }} {{ [0,1,none,\"x\"]|select|list }} {{ [1,5,9]|select(\"gt\", 4)|list }} {{ [1,2,3,6]|select(\"divisibleby\", 3)|list }} {{ [\"a\",\"B\"]|select(\"lower\")|list }}", "[1, 3] [1, &#39;x&#39;] [5, 9] [3, 6] [&#39;a&#39;]"),
    ("{{ users|selectattr(\"admin\")|map(attribute=\"name\")|list }} {{ users|selectattr(\"age\", \"lt\", 30)|map(attribute=\"name\")|list }} {{ users|selectattr(\"city\", \"equalto\", \"NY\")|map(attribute=\"name\")|list }} {{ users|selectattr(\"address.zip\", \"defined\")|list|length }} {{ users|selectattr(\"email\", \"none\")|list|length }}", "[&#39;Ann&#39;] [&#39;bob&#39;] [&#39;Ann&#39;, &#39;Cid&#39;] 3 2"),
    ("{% for col in [1,2,3,4,5,6,7]|slice(3) %}{{ col|join(\",\") }};{% endfor %}{% for col in [1,2,3,4,5,6,7]|slice(3, \"x\") %}{{ col|join(\",\") }};{% endfor %}{% for col in [1]|slice(3) %}[{{ col|join(\",\") }}]{% endfor %}", "1,2,3;4,5;6,7;1,2,3;4,5,x;6,7,x;[1][][]"),
    ("{{ [3,1,2]|sort }} {{ [\"b\",\"A\",\"c\"]|sort }} {{ [\"b\",\"A\",\"c\"]|sort(case_sensitive=true) }} {{ [3,1,2]|sort(reverse=true) }} {{ [3,1,2]|sort(true) }} {{ users|sort(attribute=\"age\")|map(attribute=\"name\")|join(\",\") }} {{ users|sort(attribute=\"city,name\")|map(attribute=\"name\")|join(\",\") }} {{ \"bca\"|sort }}", "[1, 2, 3] [&#39;A&#39;, &#39;b&#39;, &#39;c&#39;] [&#39;A&#39;, &#39;b&#39;, &#39;c&#39;] [3, 2, 1] [3, 2, 1] bob,Ann,Cid bob,Ann,Cid [&#39;a&#39;, &#39;b&#39;, &#39;c&#39;]"),
    ("{{ 5|string ~ \"x\" }} {{ none|string }} {{ true|string }} {{ 1.0|string }} {{ [1,\"a\"]|string }} {{ (\"<b>\"|safe)|string }}", "5x None True 1.0 [1, &#39;a&#39;] <b>"),
    ("{{ \"<p>Hello <b>World</b>!</p>\"|striptags }} {{ \"a <!-- x --> b  \\n c &amp; &lt;d&gt; &eacute; &#39;\"|striptags }} {{ (\"<i>x</i>\"|safe)|striptags }} {{ \"<unclosed\"|striptags }} {{ \"a < b > c\"|striptags }}", "Hello World! a b c &amp; &lt;d&gt; é &#39; x &lt;unclosed a c"),
    ("{{ [1,2,3]|sum }} {{ [1.5,2]|sum }} {{ users|sum(attribute=\"age\") }} {{ [1,2]|sum(start=10) }} {{ []|sum }} {{ users|sum(\"age\", 5) }} {{ [[1],[2]]|sum(start=[]) }}", "6 3.5 96 13 0 101 [1, 2]"),
    ("{{ \"hello world\"|title }} {{ \"HELLO wORLD-foo bar_baz (q)\"|title }} {{ \"foo's bar\"|title }} {{ \"ünder élan\"|title }} {{ \"a.b c/d e:f [g {h <i 2x\"|title }}", "Hello World Hello World-Foo Bar_baz (Q) Foo&#39;s Bar Ünder Élan A.b C/d E:f [G {H &lt;I 2x"),
    ("{{ {\"a\": \"</script>\", \"b\": [1, true, none, 1.5]}|tojson }} {{ \"it's <b> & \\\"q\\\"\"|tojson }} {{ \"é\\u2028\"|tojson }} {{ [1,{\"x\":2}]|tojson(indent=2) }} {{ 1.0|tojson }} {{ []|tojson }} {{ {}|tojson(2) }} {{ \"/\"|tojson }}", "{\"a\": \"\\u003c/script\\u003e\", \"b\": [1, true, null, 1.5]} \"it\\u0027s \\u003cb\\u003e \\u0026 \\\"q\\\"\" \"\\u00e9\\u2028\" [\n  1,\n  {\n    \"x\": 2\n  }\n] 1.0 [] {} \"/\""),
    ("[{{ \"  a b  \"|trim }}] [{{ \"xxaxx\"|trim(\"x\") }}] [{{ \"\\n a\\t\"|trim }}] [{{ \"abcba\"|trim(chars=\"ab\") }}]", "[a b] [a] [a] [c]"),
    ("{{ \"foo bar baz qux\"|truncate(9) }} {{ \"foo bar baz qux\"|truncate(9, true) }} {{ \"foo bar baz qux\"|truncate(11) }} {{ \"foo bar baz qux\"|truncate(11, false, \"...\", 0) }} {{ \"foo bar baz\"|truncate(9, end=\"~\", leeway=0) }} {{ \"foobar\"|truncate(5, leeway=0) }} {{ \"foobarbaz\"|truncate(length=5, killwords=true, leeway=0) }} {{ long|truncate|length }}", "foo... foo ba... foo bar baz qux foo bar... foo bar~ fo... fo... 254"),
    ("{{ [\"a\",\"A\",\"b\",1,1]|unique|list }} {{ [\"a\",\"A\",\"b\"]|unique(true)|list }} {{ users|unique(attribute=\"city\")|map(attribute=\"name\")|list }} {{ [\"foo\",\"bar\",\"foobar\",\"FooBar\"]|unique|list }}", "[&#39;a&#39;, &#39;b&#39;, 1] [&#39;a&#39;, &#39;A&#39;, &#39;b&#39;] [&#39;Ann&#39;, &#39;bob&#39;] [&#39;foo&#39;, &#39;bar&#39;, &#39;foobar&#39;]"),
    ("{{ \"a b/c?d=é&e\"|urlencode }} {{ {\"a\": 1, \"b\": \"x y\"}|urlencode }} {{ [[\"a\", 1], [\"b c\", \"/\"]]|urlencode }} {{ \"~-_.!*'()\"|urlencode }} {{ 5|urlencode }}", "a%20b/c%3Fd%3D%C3%A9%26e a=1&amp;b=x+y a=1&amp;b+c=%2F ~-_.%21%2A%27%28%29 5"),
    ("{{ \"see http://example.com/a?b=c&d and www.x.org.\"|urlize }}", "see <a href=\"http://example.com/a?b=c&amp;d\" rel=\"noopener\">http://example.com/a?b=c&amp;d</a> and <a href=\"https://www.x.org\" rel=\"noopener\">www.x.org</a>."),
    ("{{ \"https://example.com/very/long/path/indeed\"|urlize(20) }} {{ \"http://a.com\"|urlize(nofollow=true) }} {{ \"http://a.com\"|urlize(target=\"_blank\") }} {{ \"http://a.com\"|urlize(rel=\"x\") }} {{ \"http://a.com\"|urlize(none, true, \"_top\", \"z a\") }}", "<a href=\"https://example.com/very/long/path/indeed\" rel=\"noopener\">https://example.com/...</a> <a href=\"http://a.com\" rel=\"nofollow noopener\">http://a.com</a> <a href=\"http://a.com\" rel=\"noopener\" target=\"_blank\">http://a.com</a> <a href=\"http://a.com\" rel=\"noopener x\">http://a.com</a> <a href=\"http://a.com\" rel=\"a nofollow noopener z\" target=\"_top\">http://a.com</a>"),
    ("{{ \"mail me@example.com, or mailto:you@example.org now\"|urlize }} {{ \"tel:123 foo:bar\"|urlize(extra_schemes=[\"tel:\", \"foo:\"]) }} {{ \"example.com example.net/x a.org. x.info foo.io\"|urlize }}", "mail <a href=\"mailto:me@example.com\">me@example.com</a>, or <a href=\"mailto:you@example.org\">you@example.org</a> now <a href=\"tel:123\" rel=\"noopener\">tel:123</a> <a href=\"foo:bar\" rel=\"noopener\">foo:bar</a> <a href=\"https://example.com\" rel=\"noopener\">example.com</a> <a href=\"https://example.net/x\" rel=\"noopener\">example.net/x</a> a.org. x.info foo.io"),
    ("{{ \"(http://a.com) <http://b.com> [x] \\\"http://c.com\\\" http://d.com/(e) http://e.com),\"|urlize }} {{ (\"<b>http://a.com</b>\"|safe)|urlize }} {{ \"<script>\"|urlize }} {{ \"http://x http://localhost:5000/a ftp://x.com\"|urlize }}", "(<a href=\"http://a.com\" rel=\"noopener\">http://a.com</a>) &lt;<a href=\"http://b.com\" rel=\"noopener\">http://b.com</a>&gt; [x] &#34;http://c.com&#34; <a href=\"http://d.com/(e)\" rel=\"noopener\">http://d.com/(e)</a> <a href=\"http://e.com\" rel=\"noopener\">http://e.com</a>), <b>http://a.com</b> &lt;script&gt; http://x <a href=\"http://localhost:5000/a\" rel=\"noopener\">http://localhost:5000/a</a> ftp://x.com"),
    ("{{ \"foo bar-baz  qux's\"|wordcount }} {{ \"\"|wordcount }} {{ \"héé wörld 12\"|wordcount }} {{ \"a_b c.d\"|wordcount }}", "5 0 3 3"),
    ("{{ \"foo bar baz qux quux\"|wordwrap(7) }}|{{ \"abcdefghij\"|wordwrap(4) }}|{{ \"abcdefghij kl\"|wordwrap(4, false) }}|{{ \"foo bar\\nbaz qux x\"|wordwrap(7, wrapstring=\"<>\") }}|{{ \"foo-bar baz\"|wordwrap(5) }}|{{ \"foo-bar baz\"|wordwrap(5, break_on_hyphens=false) }}", "foo bar\nbaz qux\nquux|abcd\nefgh\nij|abcdefghij\nkl|foo bar&lt;&gt;baz qux&lt;&gt;x|foo-\nbar\nbaz|foo-b\nar\nbaz"),
    ("{{ \"hello   there  x\"|wordwrap(8) }}|{{ \"\\n\\na b\"|wordwrap(5) }}|{{ \"  lead text here\"|wordwrap(8) }}", "hello\nthere  x|\n\na b|  lead\ntext\nhere"),
    ("<ul{{ {\"class\": \"a\", \"id\": \"x<y\", \"n\": none, \"m\": nope, \"v\": 5}|xmlattr }}>", "<ul class=\"a\" id=\"x&lt;y\" v=\"5\">"),
    ("<ul {{ {\"class\": \"a\"}|xmlattr(false) }}> {{ {}|xmlattr }}|{{ {\"a\": true, \"b\": false}|xmlattr }} {{ {\"data-x\": \"1\", \"é\": \"'\"}|xmlattr }}", "<ul class=\"a\"> | a=\"True\" b=\"False\"  data-x=\"1\" é=\"&#39;\""),
    ("{{ true is boolean }} {{ 1 is boolean }} {{ none is boolean }}", "True False False"),
    ("{{ range is callable }} {{ 5 is callable }} {{ \"x\" is callable }} {{ cycler is callable }} {{ nope is callable }}", "True False False True True"),
    ("{{ nope is defined }} {{ items is defined }} {{ items is undefined }} {{ user.nope is undefined }} {{ none is defined }}", "False True False True True"),
    ("{{ 9 is divisibleby(3) }} {{ 9 is divisibleby 2 }} {{ 3 is even }} {{ 3 is odd }} {{ 4 is even }} {{ 0 is even }}", "True False False True True True"),
    ("{{ \"<b>\" is escaped }} {{ (\"<b>\"|safe) is escaped }} {{ \"<b>\"|e is escaped }}", "False True True"),
    ("{{ false is false }} {{ 0 is false }} {{ true is true }} {{ 1 is true }} {{ none is none }} {{ 0 is none }} {{ nope is none }}", "True False True False True False False"),
    ("{{ \"upper\" is filter }} {{ \"nope\" is filter }} {{ \"odd\" is test }} {{ \"nope\" is test }}", "True False True False"),
    ("{{ 1.5 is float }} {{ 1 is float }} {{ 1 is integer }} {{ 1.0 is integer }} {{ true is integer }} {{ true is number }} {{ 1.5 is number }} {{ \"1\" is number }}", "True False True False False True True False"),
    ("{{ 1 is in [1,2] }} {{ \"a\" is in \"abc\" }} {{ 3 is in {\"x\": 3} }} {{ \"x\" is in {\"x\": 3} }}", "True True False True"),
    ("{{ [] is iterable }} {{ \"\" is iterable }} {{ 5 is iterable }} {{ {} is iterable }} {{ nope is iterable }}", "True True False True True"),
    ("{{ {} is mapping }} {{ [] is mapping }} {{ [] is sequence }} {{ \"\" is sequence }} {{ {} is sequence }} {{ 5 is sequence }} {{ (1,2) is sequence }} {{ nope is sequence }}", "True False True True True False True True"),
    ("{{ \"a\" is lower }} {{ \"A\" is lower }} {{ \"A\" is upper }} {{ \"aB\" is upper }} {{ \"\" is lower }} {{ \"1\" is upper }}", "True False True False False False"),
    ("{{ none is sameas none }} {{ true is sameas true }} {{ 1 is sameas true }}", "True True False"),
    ("{{ \"a\" is string }} {{ 5 is string }} {{ (\"a\"|safe) is string }} {{ none is string }}", "True False True False"),
    ("{% set c = cycler(\"odd\", \"even\") %}{{ c.next() }} {{ c.current }} {{ c.next() }} {{ c.next() }} {% set _ = c.reset() %}{{ c.next() }}", "odd even even odd odd"),
    ("{{ dict(a=1, b=2) }} {{ dict(a=1).a }} {{ dict([[\"x\", 1]]).x }} {{ dict({\"q\": 1}, r=2).r }}", "{&#39;a&#39;: 1, &#39;b&#39;: 2} 1 1 2"),
    ("{% set j = joiner() %}{{ j() }}a{{ j() }}b{{ j() }}c{% set k = joiner(\"|\") %}{{ k() }}a{{ k() }}b", "a, b, ca|b"),
    ("{{ lipsum() is string }} {{ lipsum(2)|striptags|length > 100 }} {{ lipsum(n=1, html=false).count(\"<p>\") }} {{ lipsum(1).startswith(\"<p>\") }} {{ lipsum(n=1, html=false, min=2, max=4).split()|length < 4 }}", "True True 0 True True"),
    ("{% set ns = namespace(found=false, n=1) %}{% for i in [1,2,3] %}{% if i == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.found }} {{ ns.n }} {{ namespace({\"a\": 2}).a }}", "True 1 2"),
    ("{{ range(3)|list }} {{ range(1, 4)|list }} {{ range(5, 0, -2)|list }} {{ range(3)|length }} {{ range(2, 10)|first }}", "[0, 1, 2] [1, 2, 3] [5, 3, 1] 3 2"),
    ("{{ 7 % 3 }} {{ -7 % 3 }}", "1 2"),
    ("{{ \"a\" ~ 1 ~ none ~ true }} {{ \"ab\" * 3 }} {{ [1] + [2] }} {{ 7 // 2 }} {{ 7 / 2 }} {{ 2 ** 3 }} {{ 4 / 2 }} {{ -7 // 2 }} {{ 1.0 }} {{ 1e20 }} {{ 10 ** 20 }} {{ 0.1 + 0.2 }}", "a1NoneTrue ababab [1, 2] 3 3.5 8 2.0 -4 1.0 1e+20 100000000000000000000 0.30000000000000004"),
    ("{{ \"abc\".upper() }} {{ \"a,b\".split(\",\") }} {{ \" x \".strip() }} {{ \"abc\".startswith(\"a\") }} {{ \"abc\".endswith(\"b\") }} {{ \"abc\".replace(\"b\", \"x\") }} {{ \"abc\".find(\"c\") }} {{ \"a b\".title() }} {{ \"-\".join([\"a\", \"b\"]) }} {{ \"abc\".index(\"b\") }} {{ \"x\".center(5) }}| {{ \"5\".zfill(3) }} {{ \"x\".ljust(3) }}| {{ \"x\".rjust(3) }}|", "ABC [&#39;a&#39;, &#39;b&#39;] x True False axc 2 A B a-b 1   x  | 005 x  |   x|"),
    ("{{ \"{} {:>4} {x}\".format(1, \"a\", x=2) }} {{ \"{0:.2f} {1:,}\".format(3.14159, 1234567) }} {{ \"AbC\".swapcase() }} {{ \"a\\nb\".splitlines() }} {{ \"aXbX\".rsplit(\"X\", 1) }} {{ \"a-b-c\".partition(\"-\") }} {{ \"a-b-c\".rpartition(\"-\") }} {{ \"ß\".casefold() }} {{ \"a\\tb\".expandtabs(4) }} {{ \"abc\".removeprefix(\"a\") }} {{ \"abc\".removesuffix(\"c\") }}", "1    a 2 3.14 1,234,567 aBc [&#39;a&#39;, &#39;b&#39;] [&#39;aXb&#39;, &#39;&#39;] (&#39;a&#39;, &#39;-&#39;, &#39;b-c&#39;) (&#39;a-b&#39;, &#39;-&#39;, &#39;c&#39;) ss a   b bc ab"),
    ("{{ \"abc\".isalpha() }} {{ \"12\".isdigit() }} {{ \"a1\".isalnum() }} {{ \" \".isspace() }} {{ \"Ab\".istitle() }} {{ \"a_1\".isidentifier() }} {{ \"abca\".count(\"a\") }} {{ \"abca\".rfind(\"a\") }} {{ \"abca\".rindex(\"a\") }}", "True True True True True True 2 3 3"),
    ("{{ mapping.items()|list }} {{ mapping.keys()|list }} {{ mapping.values()|list }} {{ mapping.get(\"one\") }} {{ mapping.get(\"x\", 5) }} {{ mapping.get(\"x\") }}", "[(&#39;one&#39;, 1), (&#39;three&#39;, 3), (&#39;two&#39;, 2)] [&#39;one&#39;, &#39;three&#39;, &#39;two&#39;] [1, 3, 2] 1 5 None"),
    ("{{ items.index(\"b\") }} {{ items.count(\"b\") }} {{ items[0] }} {{ items[-1] }} {{ items[1:] }} {{ \"hello\"[1:3] }} {{ \"hello\"[::-1] }} {{ items[::2] }}", "1 1 a c [&#39;b&#39;, &#39;c&#39;] el olleh [&#39;a&#39;, &#39;c&#39;]"),
    ("{% set m = {\"a\": 1} %}{{ m.copy() }}", "{&#39;a&#39;: 1}"),
    ("{{ user.name }} {{ user[\"name\"] }} [{{ user.nope }}] [{{ nope }}] {{ user.address.zip }}", "Ann Ann [] [] 12"),
    ("{{ nope|upper }}|{{ nope|length }}|{{ nope|list }}|{{ nope|join(\",\") }}|{% for x in nope %}x{% endfor %}|{{ nope == 1 }}|{{ not nope }}|{{ nope ~ \"x\" }}", "|0|[]|||False|True|x"),
    ("{{ 1 if false }}| {{ \"a\" if true else \"b\" }} {{ 1 < 2 < 3 }} {{ 1 in [1] and 2 not in [1] }} {{ none or \"x\" }} {{ \"\" and 1 }}|", "| a True True x |"),
    ("{{ [1, 2.0, \"x\", none, true, {\"a\": 1}, (1, 2)] }} {{ {\"k\": \"v'\"} }} {{ (1,) }} {{ () }}", "[1, 2.0, &#39;x&#39;, None, True, {&#39;a&#39;: 1}, (1, 2)] {&#39;k&#39;: &#34;v&#39;&#34;} (1,) ()"),
    ("{% for i in [1,2,3] %}{{ loop.index }}/{{ loop.length }}{{ loop.first }}{{ loop.last }}{{ loop.cycle(\"a\",\"b\") }}{{ loop.revindex }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.changed(i) }}{{ loop.depth }} {% endfor %}", "1/3TrueFalsea32True1 2/3FalseFalseb213True1 3/3FalseTruea12True1 "),
    ("{% for i in [1,2,3,4] if i is even %}{{ i }}{% else %}none{% endfor %}{% for i in [] %}x{% else %}empty{% endfor %}{% for i in [1,2,3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "24empty13"),
    ("{% macro input(name, value=\"\", type=\"text\") %}<input name=\"{{ name }}\" value=\"{{ value|e }}\" type=\"{{ type }}\">{% endmacro %}{{ input(\"a\") }}{{ input(\"b\", \"<x>\", type=\"p\") }}", "<input name=\"a\" value=\"\" type=\"text\"><input name=\"b\" value=\"&lt;x&gt;\" type=\"p\">"),
    ("{% macro dialog(title) %}<h1>{{ title }}</h1>{{ caller() }}{% endmacro %}{% call dialog(\"T\") %}body <b>{% endcall %}", "<h1>T</h1>body <b>"),
    ("{% filter upper %}abc {{ \"<\" }}{% endfilter %}{% set x %}<b>{{ \"<\" }}{% endset %}{{ x }}{% with a=1, b=2 %}{{ a+b }}{% endwith %}", "ABC &LT;<b>&lt;3"),
    ("{% autoescape false %}{{ \"<b>\" }}{% endautoescape %}{% raw %}{{ x }}{% endraw %}{# c #}{{- \"x\" -}} y", "<b>{{ x }}xy"),
    ("{% set a, b = 1, 2 %}{{ a }}{{ b }}{% for k, v in [[\"x\", 1], [\"y\", 2]] %}{{ k }}{{ v }}{% endfor %}{% do range(1) %}", "12x1y2"),
    ("{{ \"a\" is not none and 3 > 2 }} {{ not true }} {{ 3 is not odd }} {{ \"x\" if nope is defined else \"y\" }}", "True False False y"),
    ("{{ \"é\"|length }} {{ \"日本語\"|center(9) }} {{ 1000000 }} {{ 1.50 }} {{ -0.0 }} {{ 1e3 }} {{ 123456789012345678 }} {{ 1.1e-7 }} {{ 1e16 }} {{ 123456789.123 }}", "1    日本語    1000000 1.5 -0.0 1000.0 123456789012345678 1.1e-07 1e+16 123456789.123"),
    ("{{ [1,2]|length > 1 }} {{ [[1,2],[3]]|map(\"length\")|list }} {{ [1,2,3]|select(\">\", 1)|list }}", "True [2, 1] [2, 3]"),
    ("{{ \"abc\"|map(\"upper\")|list }} {{ users|map(attribute=\"name\")|map(\"lower\")|join(\"/\") }} {{ users|map(attribute=\"name\")|sort|first }}", "[&#39;A&#39;, &#39;B&#39;, &#39;C&#39;] ann/bob/cid Ann"),
    ("{{ [none, 1]|map(\"default\", \"x\")|list }} {{ [none, 1]|map(\"default\", \"x\", true)|list }} {{ [\"1\",\"2\"]|map(\"int\")|sum }}", "[None, 1] [&#39;x&#39;, 1] 3"),
    ("{{ \"a\"|upper|lower ~ \"b\"|upper }} {{ -1|abs }} {{ (-1)|abs }} {{ 2 + 3|string|length }}", "aB 1 1 3"),
    ("{{ 5|float|round(1) }} {{ 10|round(1)|string }} {{ 7.0|int }} {{ \"1_000\"|int }} {{ \" 5 \"|int }} {{ \"inf\"|float }}", "5.0 10 7 1000 5 inf"),
    ("{{ [3,2,1]|sort|join }}", "123"),
    ("{{ [{\"a\":1},{\"a\":2}]|map(attribute=\"a\")|sum }} {{ [(1,\"a\"),(2,\"b\")]|map(\"last\")|join }} {{ {\"a\":1}|list }}", "3 ab [&#39;a&#39;]"),
    ("{{ {\"b\":1,\"a\":2}|tojson }}", "{\"a\": 2, \"b\": 1}"),
    ("{{ \"a\"|e|e }} {{ (\"<\"|e)|e }} {% set s = \"<\"|safe %}{% set t = \"&\" %}{{ s ~ t }} {{ t ~ s }} {{ s + t }} {{ (s|e) ~ (\"<\"|e) }}", "a &lt; <&amp; &amp;< <&amp; <&lt;"),
    ("{{ \"\\u00e9\\x41\\n\"|length }} {{ 'it\\'s' }} {{ \"tab\\there\" }}", "3 it&#39;s tab\there"),
    ("{{ 17|string|center(6)|length }} ", "6 "),
    ("{{ users[0].name }} {{ users.0.name }} {{ users|length }} {{ (users|first).name }}", "Ann Ann 3 Ann"),
    ("{{ 3 is even or 4 is even }} {{ \"b\" > \"a\" }} {{ [1,2] == [1,2] }} {{ (1,2) == (1,2) }} {{ {\"a\":1} == {\"a\":1} }} {{ 1 == 1.0 }} {{ \"1\" == 1 }} {{ none == none }}", "True True True True True True False True"),
    ("{{ [1,2,3,4,5]|batch(linecount=2, fill_with=0)|list }} {{ [1,2,3]|slice(slices=2, fill_with=9)|list }}", "[[1, 2], [3, 4], [5, 0]] [[1, 2], [3, 9]]"),
    ("{{ 2.567|round(precision=1) }} {{ 2.567|round(1, method=\"floor\") }} {{ \"x y\"|urlencode }}", "2.6 2.5 x%20y"),
    ("{{ users|groupby(attribute=\"city\")|length }} {{ users|sum(attribute=\"age\", start=4) }} {{ users|map(attribute=\"age\")|sum }}", "2 100 96"),
    ("{{ users|groupby(\"city\", case_sensitive=false)|map(attribute=\"grouper\")|list }} {{ users|sort(attribute=\"name\", reverse=true)|map(attribute=\"name\")|list }} {{ users|min(attribute=\"age\") is mapping }}", "[&#39;LA&#39;, &#39;NY&#39;] [&#39;Cid&#39;, &#39;bob&#39;, &#39;Ann&#39;] True"),
    ("{{ \"%s is %d years, %.1f%%\"|format(\"Ann\", 31, 99.5) }} {{ \"%5d|%-5d|%05d|%+d|%x|%o|%e\"|format(42, 42, 42, 42, 255, 8, 1234.5) }} {{ \"%s\"|format([1, \"a\"]) }} {{ \"%c\"|format(\"z\") }}", "Ann is 31 years, 99.5%    42|42   |00042|+42|ff|10|1.234500e+03 [1, &#39;a&#39;] z"),
    ("{{ long|truncate(20) }}|{{ long|truncate(20, true, \"\") }}|{{ \"short\"|truncate(3) }}|{{ \"abcdefghij\"|truncate(5, true, \"..\", 0) }}", "lorem ipsum...|lorem ipsum dolor lo|short|abc.."),
    ("{{ \"<p>\\n  a\\n\\n  b</p><br/>c\"|striptags }} {{ \"&lt;b&gt; &copy; &#x41; &nope; &\"|striptags }} {{ \"no tags\"|striptags }}", "a bc &lt;b&gt; © A &amp;nope; &amp; no tags"),
    ("{{ \"one\\ntwo\\n\"|indent }}|{{ \"one\\r\\ntwo\"|indent(2) }}|{{ \"\"|indent }}|{{ (\"<b>\\nx\"|safe)|indent(2) }}|{{ \"a\\nb\"|indent(\"\\t\", true) }}", "one\n    two\n|one\n  two||<b>\n  x|\ta\n\tb"),
    ("{{ 1023|filesizeformat(true) }} {{ 1024|filesizeformat(true) }} {{ 123456789|filesizeformat }} {{ 1e30|filesizeformat }} {{ \"1\"|filesizeformat }}", "1023 Bytes 1.0 KiB 123.5 MB 1000000.0 YB 1 Byte"),
    ("{{ \"aé日b\"|wordwrap(2) }}|{{ \"a bb ccc dddd\"|wordwrap(4, wrapstring=\" / \") }}|{{ \"well-known and state-of-the-art\"|wordwrap(10) }}|{{ \"x\" * 12 }}|{{ (\"x\" * 12)|wordwrap(5) }}", "aé\n日b|a bb / ccc / dddd|well-known\nand state-\nof-the-art|xxxxxxxxxxxx|xxxxx\nxxxxx\nxx"),
    ("{{ {\"a\":1,\"b\":[1,2]}|pprint }} {{ [\"aaaaaaaaaaaaaaaaaaaaaaaa\",\"bbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\"cccccccccccccccccccccccccccccc\"]|pprint }}", "{&#39;a&#39;: 1, &#39;b&#39;: [1, 2]} [&#39;aaaaaaaaaaaaaaaaaaaaaaaa&#39;,\n &#39;bbbbbbbbbbbbbbbbbbbbbbbbbbbb&#39;,\n &#39;cccccccccccccccccccccccccccccc&#39;]"),
    ("{{ \"A-b c_d\"|title }} {{ \"it's o'neil (a) [b] 3rd x.y\"|title }} {{ \"ALLCAPS words\"|capitalize }}", "A-B C_d It&#39;s O&#39;neil (A) [B] 3rd X.y Allcaps words"),
    ("{{ (1, 2)|list }} {{ [1, [2, 3]]|string }} {{ {\"a\": none, \"b\": true}|string }} {{ \"it's\"|list|length }} {{ ['it\\'s', \"say \\\"x\\\"\"] }}", "[1, 2] [1, [2, 3]] {&#39;a&#39;: None, &#39;b&#39;: True} 4 [&#34;it&#39;s&#34;, &#39;say &#34;x&#34;&#39;]"),
    ("{{ \"http://user:pw@x.com\"|urlize }} {{ \"http://1.2.3.4:80/x?y#z\"|urlize }} {{ \"http://[::1]/ ok\"|urlize }} {{ \"https://xn--bcher-kva.example\"|urlize }}", "http://user:pw@x.com <a href=\"http://1.2.3.4:80/x?y#z\" rel=\"noopener\">http://1.2.3.4:80/x?y#z</a> <a href=\"http://[::1]/\" rel=\"noopener\">http://[::1]/</a> ok <a href=\"https://xn--bcher-kva.example\" rel=\"noopener\">https://xn--bcher-kva.example</a>"),
    ("{{ \"a@b.c d@e f@g.hi. (j@k.lm)\"|urlize }} {{ \"x https://en.wikipedia.org/wiki/A_(b) y\"|urlize }} {{ \"http://a.com/?q=<x>&r='s'\"|urlize }} {{ \"line1\\nhttp://a.com\\n\\nend\"|urlize }}", "<a href=\"mailto:a@b.c\">a@b.c</a> d@e <a href=\"mailto:f@g.hi\">f@g.hi</a>. (<a href=\"mailto:j@k.lm\">j@k.lm</a>) x <a href=\"https://en.wikipedia.org/wiki/A_(b)\" rel=\"noopener\">https://en.wikipedia.org/wiki/A_(b)</a> y <a href=\"http://a.com/?q=&lt;x&gt;&amp;r=&#39;s&#39;\" rel=\"noopener\">http://a.com/?q=&lt;x&gt;&amp;r=&#39;s&#39;</a> line1\n<a href=\"http://a.com\" rel=\"noopener\">http://a.com</a>\n\nend"),
    ("{{ 3.0|int }} {{ \"4\"|int + 1 }} {{ \"0b11\"|int(base=2) }} {{ \"0o17\"|int(0, 8) }} {{ \"ff\"|int(0, 16) }} {{ 1e3|int }} {{ \"x\"|int(none) }} {{ \"2.5\"|float + 1 }} {{ [1]|float(9.5) }}", "3 5 3 15 255 1000 None 3.5 9.5"),
    ("{{ [\"a\", \"b\"]|join(\", \")|upper }} {{ [[\"k\", \"v\"]]|map(\"join\", \"=\")|join(\"&\") }} {{ [3, 1]|sort|last }} {{ \"b,a\"|replace(\",\", \";\")|upper|lower|capitalize }}", "A, B k=v 3 B;a"),
    ("{% for a, b in [[1, 2], [3, 4]] %}{{ loop.index0 }}{{ a }}{{ b }}{{ loop.revindex0 }} {% endfor %}", "0121 1340 "),
    ("{% for k in mapping|dictsort|map(\"first\") %}{{ k }}{{ \",\" if not loop.last }}{% endfor %} {{ mapping|dictsort|map(\"last\")|sum }} {{ mapping.items()|sort(attribute=1)|map(\"first\")|list }}", "one,three,two 6 [&#39;one&#39;, &#39;two&#39;, &#39;three&#39;]"),
];

#[rustfmt::skip]
const FAILURES: &[&str] = &[
    "{{ {\"a b\": 1}|xmlattr }}",
    "{{ {\"a/b\": 1}|xmlattr }}",
    "{{ {\"a>\": 1}|xmlattr }}",
    "{{ {\"a=b\": 1}|xmlattr }}",
    "{{ 1 is eq 1 }} {{ 1 is equalto 2 }} {{ 1 is ne 1 }} {{ 1 is lt 2 }} {{ 1 is le 1 }} {{ 1 is gt 2 }} {{ 1 is ge 1 }} {{ 1 is lessthan 2 }} {{ 1 is greaterthan 2 }} {{ \"a\" is == \"a\" }}",
    "{{ nope.attr }}",
    "{{ user.nope.deeper }}",
    "{{ nope() }}",
    "{{ nope + 1 }}",
    "{{ none|default(\"x\", true) }} {{ 0|default(5) }} {{ 0|default(5, true) }} {{ user.nope|default(\"n/a\") }} {{ nope.x|default(\"deep\") }}",
];
